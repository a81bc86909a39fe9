import {setTimeout as sleep} from 'node:timers/promises'
import type {Engine} from '../engine/engine.js'

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
