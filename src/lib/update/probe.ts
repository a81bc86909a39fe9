import {setTimeout as sleep} from 'node:timers/promises'
import {steadyClock} from '../model/clock.js'
import {OperatorError} from '../util/errors.js'

const EVERY_MS = 1_000
const ANSWER_MS = 5_000

/**
 * Asks until a page is there: any answer from 200 to 399. @param limit Seconds. @returns For people.
 * @throws OperatorError with the last answer.
 */
export async function probe(url: string, limit: number, now: () => number, signal: AbortSignal): Promise<string> {
  const clock = steadyClock(now)
  const until = clock() + limit * 1000
  for (;;) {
    const answer = await ask(url, signal)
    if (answer.fine) return `it answers: ${answer.said}`
    signal.throwIfAborted()
    if (clock() >= until)
      throw new OperatorError(`${url} does not answer as it should after ${limit} s: ${answer.said}.`, {next: [`Try it: curl -v ${url}`]})
    await sleep(EVERY_MS, undefined, {signal}).catch(() => undefined)
  }
}

async function ask(url: string, signal: AbortSignal): Promise<{fine: boolean; said: string}> {
  const ours = new AbortController()
  const timer = setTimeout(() => ours.abort(), ANSWER_MS)
  const stop = (): void => ours.abort()
  signal.addEventListener('abort', stop, {once: true})
  try {
    const response = await fetch(url, {signal: ours.signal, redirect: 'manual'})
    await response.body?.cancel()
    return {fine: response.status >= 200 && response.status < 400, said: `status ${response.status}`}
  } catch (error) {
    const {cause, message} = error as Error
    return {fine: false, said: ours.signal.aborted ? 'no answer' : cause instanceof Error ? cause.message : message}
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}
