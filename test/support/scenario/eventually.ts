import {setTimeout as sleep} from 'node:timers/promises'
import {timed} from '../../lab/time-spent.js'

const POLL_MS = 100

/** Between two questions at least this many times as long as the last one took: asking must not be what keeps the machine busy. */
const REST = 2

/**
 * Asks until the check holds: until it neither throws nor says false or undefined.
 * @param within Seconds.
 * @returns What the check said.
 * @throws What the check threw last, with how long was waited.
 */
type Limit = {readonly within: number; readonly what?: string}

export const eventually = <T>(check: () => T | Promise<T>, limit: Limit): Promise<Exclude<T, false | undefined>> =>
  timed('polling', () => askUntil(check, limit))

async function askUntil<T>(check: () => T | Promise<T>, {within, what}: Limit): Promise<Exclude<T, false | undefined>> {
  const until = performance.now() + within * 1000
  for (;;) {
    const asked = performance.now()
    const answer = await attempt(check)
    if ('value' in answer && answer.value !== false && answer.value !== undefined) return answer.value as Exclude<T, false | undefined>
    if (performance.now() >= until) throw late(answer, within, what)
    await sleep(Math.max(POLL_MS, Math.min(REST * (performance.now() - asked), until - performance.now())))
  }
}

type Answer<T> = {readonly value: T} | {readonly error: unknown}

async function attempt<T>(check: () => T | Promise<T>): Promise<Answer<T>> {
  try {
    return {value: await check()}
  } catch (error) {
    return {error}
  }
}

function late(answer: Answer<unknown>, within: number, what = 'the check'): Error {
  const why = 'error' in answer ? (answer.error instanceof Error ? answer.error.message : String(answer.error)) : String(answer.value)
  return new Error(`${what} does not hold after ${within} s: ${why}`, {cause: 'error' in answer ? answer.error : undefined})
}
