/** How a watcher is; times are epoch milliseconds. */
export type Pulse = {
  readonly name: string
  readonly startedAt: number
  /** The last turn of its loop, successful or not. */
  readonly turnedAt: number
  /** The last look at the state that succeeded; undefined: none yet. */
  readonly lookedAt: number | undefined
  /** What it is at: "whole", "gateway", "paused" … */
  readonly phase: string
  /** Why the last look failed, if it did. */
  readonly trouble: string | undefined
}

export type Heartbeat = {
  looked(phase: string): void
  failed(why: string): void
  pulse(): Pulse
}

export function heartbeat(name: string, now: () => number): Heartbeat {
  const startedAt = now()
  let pulse: Pulse = {name, startedAt, turnedAt: startedAt, lookedAt: undefined, phase: 'starting', trouble: undefined}
  return {
    looked: (phase) => void (pulse = {...pulse, turnedAt: now(), lookedAt: now(), phase, trouble: undefined}),
    failed: (trouble) => void (pulse = {...pulse, turnedAt: now(), trouble}),
    pulse: () => pulse,
  }
}
