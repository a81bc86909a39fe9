import {setTimeout as sleep} from 'node:timers/promises'
import type {Engine} from '../engine/engine.js'
import type {Wakeup} from '../time/wakeup.js'

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
