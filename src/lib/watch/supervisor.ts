import {setTimeout as sleep} from 'node:timers/promises'
import {steadyClock} from '../model/clock.js'
import type {Log} from '../model/log.js'
import {OperatorError} from '../util/errors.js'

/** Something that runs for months. */
export type Watcher = {
  readonly name: string
  /** Ends when the signal fires; throws if it cannot go on. */
  run(signal: AbortSignal): Promise<void>
}

const FIRST_MS = 1_000
const MOST_MS = 60_000
/** One that ran for this long before it failed begins anew with the shortest pause. */
const STEADY_MS = 600_000

/** Runs watchers side by side; one that fails is started again without the others noticing. Ends when the signal fires. */
export async function supervise(watchers: readonly Watcher[], log: Log, signal: AbortSignal, now: () => number): Promise<void> {
  await Promise.all(watchers.map((watcher) => keep(watcher, log, signal, now)))
}

async function keep(watcher: Watcher, log: Log, signal: AbortSignal, now: () => number): Promise<void> {
  const clock = steadyClock(now)
  let said = ''
  for (let failures = 0; !signal.aborted; failures++) {
    const began = clock()
    const why = await watcher.run(signal).then(() => 'it ended by itself', whyFailed)
    if (isOver(signal)) return
    if (why !== said) log.error(`${watcher.name} is started again, and again until it holds: ${why}`)
    said = why
    if (clock() - began > STEADY_MS) failures = 0
    await sleep(Math.min(MOST_MS, FIRST_MS * 2 ** failures), undefined, {signal}).catch(() => undefined)
  }
}

/** An expected failure by its words; a bug by its stack. */
export const whyFailed = (error: unknown): string =>
  error instanceof OperatorError
    ? [error.message, ...error.next].join(' ')
    : !(error instanceof Error)
      ? String(error)
      : (error.stack ?? error.message)

/** Asked again after an await, which the compiler does not see. */
const isOver = (signal: AbortSignal): boolean => signal.aborted

/** Makes a watcher that listens. @param heard Call when it listens, and when it cannot: then it has told why. */
type Listener = (heard: () => void) => Watcher

/** Watchers that listen, and whether all of them do. */
export type Ears = {
  readonly add: (listener: Listener) => Watcher
  /** Each listens, or has told why it cannot: a port that is taken keeps nobody from watching. */
  readonly listen: () => boolean
}

/** @param onChange Told when `listen` may say something else. */
export function ears(onChange: () => void): Ears {
  const deaf = new Set<object>()
  const add = (listener: Listener): Watcher => {
    const one = {}
    deaf.add(one)
    const heard = (): void => {
      if (deaf.delete(one)) onChange()
    }
    const watcher = listener(heard)
    return {name: watcher.name, run: (signal) => watcher.run(signal).finally(heard)}
  }
  return {add, listen: () => deaf.size === 0}
}
