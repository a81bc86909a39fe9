/** How a watcher is; times are epoch milliseconds. */
export type Pulse = {
  readonly name: string
  readonly startedAt: number
  /** How often its loop has turned. */
  readonly turns: number
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

/** @param onTurn Told after every turn. */
export function heartbeat(name: string, now: () => number, onTurn: () => void = () => undefined): Heartbeat {
  const startedAt = now()
  let pulse: Pulse = {name, startedAt, turns: 0, turnedAt: startedAt, lookedAt: undefined, phase: 'starting', trouble: undefined}
  const turn = (changes: Partial<Pulse>): void => {
    pulse = {...pulse, turns: pulse.turns + 1, turnedAt: now(), ...changes}
    onTurn()
  }
  return {
    looked: (phase) => turn({lookedAt: now(), phase, trouble: undefined}),
    failed: (trouble) => turn({trouble}),
    pulse: () => pulse,
  }
}
