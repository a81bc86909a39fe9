import {setTimeout as sleep} from 'node:timers/promises'
import type {Engine} from '../docker/engine.js'

/** Docker's events as hints that a service is worth another look. One lost only costs the time to the next look. */
export type Hints = {
  /** Call before looking; the function it returns ends at a hint about one of them that came since, or after so many milliseconds. */
  next(...services: readonly string[]): (milliseconds: number) => Promise<void>
  close(): void
}

type Waker = {readonly services: readonly string[]; readonly wake: () => void}

export function listen(engine: Engine, project: string, signal: AbortSignal): Hints {
  const wakers = new Set<Waker>()
  const closing = new AbortController()
  const close = (): void => closing.abort()
  signal.addEventListener('abort', close, {once: true})
  const rouse = (service?: string): void =>
    wakers.forEach((waker) => (service === undefined || waker.services.includes(service)) && waker.wake())
  closing.signal.addEventListener('abort', () => rouse(), {once: true})
  void followDocker({engine, project, heard: rouse, silence: SILENCE_MS, signal: closing.signal})
  return {
    close: () => {
      signal.removeEventListener('abort', close)
      close()
    },
    next: (...services) => waker(services, wakers),
  }
}

function waker(services: readonly string[], wakers: Set<Waker>): (milliseconds: number) => Promise<void> {
  let wake = (): void => undefined
  const hinted = new Promise<void>((resolve) => (wake = resolve))
  const own = {services, wake: () => wake()}
  wakers.add(own)
  return async (milliseconds) => {
    const timer = setTimeout(wake, milliseconds)
    await hinted
    clearTimeout(timer)
    wakers.delete(own)
  }
}

type FollowOptions = {
  readonly engine: Engine
  readonly project: string
  /** Told of whose event it is; without a service: every one is to be looked at. */
  readonly heard: (service?: string) => void
  /** Milliseconds without any event after which the stream is opened anew: a dead connection is as silent as a quiet night. */
  readonly silence: number
  readonly signal: AbortSignal
}

/** A stream that has been silent for this long is opened anew, milliseconds: a dead connection is as silent as a quiet night. */
export const SILENCE_MS = 600_000

/** Milliseconds before the stream is opened again, by how often that has failed in a row. */
const reconnectMs = (failures: number): number => Math.min(5_000, 500 * 2 ** failures)

/**
 * Tells of every event, and of every (re)connection: what happened meanwhile has to be looked at. A daemon that went away is told by
 * the looks themselves.
 */
export async function followDocker(options: FollowOptions): Promise<void> {
  const {heard: tell, signal} = options
  for (let failures = 0; !signal.aborted; failures++) {
    const heard = await subscription(options).catch(() => 0)
    if (heard > 0) failures = 0
    tell()
    await sleep(reconnectMs(failures), undefined, {signal}).catch(() => undefined)
  }
}

/** One stream, until it ends, fails or falls silent. @returns How many events it brought; the first one is its beginning. */
async function subscription({engine, project, heard: tell, silence, signal}: FollowOptions): Promise<number> {
  const own = new AbortController()
  const end = (): void => own.abort()
  signal.addEventListener('abort', end, {once: true})
  let quiet = setTimeout(end, silence)
  let heard = 0
  try {
    for await (const {service} of engine.events(project, own.signal)) {
      heard++
      clearTimeout(quiet)
      quiet = setTimeout(end, silence)
      tell(service || undefined)
    }
  } finally {
    clearTimeout(quiet)
    signal.removeEventListener('abort', end)
    own.abort()
  }
  return heard
}
