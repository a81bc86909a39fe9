import {setTimeout as sleep} from 'node:timers/promises'
import {limited} from '../util/timeout.js'
import {attemptOf, wayOutArgv, type Attempt, type Ran} from './egress.js'

/** Runs a program in the gateway's namespace; undefined: it did not end in time. */
export type RunInside = (argv: readonly string[], limit: number, signal: AbortSignal) => Promise<Ran | undefined>

type Question = {
  readonly run: RunInside
  /** "http://1.1.1.1/", "dns://9.9.9.9": the first is asked, and the others if that takes long. */
  readonly targets: readonly string[]
  /** For one answer. */
  readonly seconds: number
}

export type ThroughAnswer = {readonly answered: string} | {readonly attempts: readonly Attempt[]}

/** How much of its time the first one has alone. */
const HEAD = 0.25
/** Milliseconds that a program may take to start and to end beside its own limit: on a busy machine, many. */
const SLACK_MS = 10_000

/**
 * Asks whether anything comes back through the tunnel: from inside, of several, until one has answered. An error that a
 * server answers with is an answer, too. Bounded: `seconds`, and a quarter of it for each further target.
 * @returns the attempts, if none was answered.
 * @throws if the signal fired.
 */
export async function askThrough({run, targets, seconds}: Question, signal: AbortSignal): Promise<ThroughAnswer> {
  const head = seconds * 1000 * HEAD
  const most = targets.length * head + seconds * 1000 + SLACK_MS
  const answer = await limited(signal, most, async (limit) => {
    const ending = new AbortController()
    const stop = (): void => ending.abort()
    limit.addEventListener('abort', stop, {once: true})
    const one = async (target: string, index: number): Promise<string> => {
      if (index > 0) await sleep(index * head, undefined, {signal: ending.signal})
      const attempt = attemptOf(target, await run(wayOutArgv(target, seconds), seconds * 1000 + SLACK_MS, ending.signal), seconds)
      if (attempt.is === 'left') return target
      throw new NotAnswered(attempt)
    }
    try {
      return {answered: await Promise.any(targets.map(one))}
    } catch (error) {
      const reasons: unknown[] = error instanceof AggregateError ? error.errors : [error]
      return {attempts: reasons.map((reason, index) => attemptIn(reason, targets[index] ?? ''))}
    } finally {
      // Whoever is still waiting for the others need not.
      stop()
    }
  })
  signal.throwIfAborted()
  return answer
}

class NotAnswered extends Error {
  constructor(readonly attempt: Attempt) {
    super(attempt.says)
  }
}

const attemptIn = (reason: unknown, target: string): Attempt =>
  reason instanceof NotAnswered
    ? reason.attempt
    : {target, is: 'unclear', says: reason instanceof Error ? reason.message : 'it could not be asked'}
