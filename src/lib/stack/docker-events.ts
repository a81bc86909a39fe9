import {setTimeout as sleep} from 'node:timers/promises'
import type {Engine} from '../docker/engine.js'
import type {Wakeup} from '../util/wakeup.js'

/** Docker's events as hints that a service is worth another look. One lost only costs the time to the next look. */
export type Hints = {
  /** Call before looking; the function it returns ends at a hint about one of them that came since, or after so many milliseconds. */
  next(...services: readonly string[]): (milliseconds: number) => Promise<void>
  close(): void
}

type Waker = {readonly services: readonly string[]; readonly wake: () => void}

const RECONNECT_MS = 500

export function listen(engine: Engine, project: string, signal: AbortSignal): Hints {
  const wakers = new Set<Waker>()
  const closing = new AbortController()
  const close = (): void => closing.abort()
  signal.addEventListener('abort', close, {once: true})
  const rouse = (service?: string): void =>
    wakers.forEach((waker) => (service === undefined || waker.services.includes(service)) && waker.wake())
  closing.signal.addEventListener('abort', () => rouse(), {once: true})
  void follow(engine, project, closing.signal, rouse)
  return {
    close: () => {
      signal.removeEventListener('abort', close)
      close()
    },
    next: (...services) => waker(services, wakers),
  }
}

async function follow(engine: Engine, project: string, signal: AbortSignal, rouse: (service?: string) => void): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const event of engine.events(project, signal)) rouse(event.service || undefined)
    } catch {
      // The daemon went away. The looks themselves report that; here it only means to subscribe again.
    }
    await sleep(RECONNECT_MS, undefined, {signal}).catch(() => undefined)
    rouse()
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

type HintOptions = {
  readonly engine: Engine
  readonly project: string
  readonly wakeup: Pick<Wakeup, 'wake'>
  /** Milliseconds without any event after which the stream is opened anew: a dead connection is as silent as a quiet night. */
  readonly silence: number
  readonly signal: AbortSignal
}

/** Milliseconds before the stream is opened again, by how often that has failed in a row. */
const reconnectMs = (failures: number): number => Math.min(5_000, 500 * 2 ** failures)

/** Wakes the loop at every event, and after every (re)connection: what happened meanwhile has to be looked at. */
export async function followDocker(options: HintOptions): Promise<void> {
  const {wakeup, signal} = options
  for (let failures = 0; !signal.aborted; failures++) {
    const heard = await subscription(options).catch(() => 0)
    if (heard > 0) failures = 0
    wakeup.wake()
    await sleep(reconnectMs(failures), undefined, {signal}).catch(() => undefined)
  }
}

/** One stream, until it ends, fails or falls silent. @returns How many events it brought; the first one is its beginning. */
async function subscription({engine, project, wakeup, silence, signal}: HintOptions): Promise<number> {
  const own = new AbortController()
  const end = (): void => own.abort()
  signal.addEventListener('abort', end, {once: true})
  let quiet = setTimeout(end, silence)
  let heard = 0
  try {
    for await (const _ of engine.events(project, own.signal)) {
      heard++
      clearTimeout(quiet)
      quiet = setTimeout(end, silence)
      wakeup.wake()
    }
  } finally {
    clearTimeout(quiet)
    signal.removeEventListener('abort', end)
    own.abort()
  }
  return heard
}
