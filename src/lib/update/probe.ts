import {setTimeout as sleep} from 'node:timers/promises'
import {steadyClock} from '../model/clock.js'
import {probe as askOnce} from '../stack/probe.js'
import {OperatorError} from '../util/errors.js'

const EVERY_MS = 1_000
const ANSWER_MS = 5_000

/**
 * Asks until a page is there, by the same rule as `homelab health`. @param limit Seconds. @returns For people.
 * @throws OperatorError with the last answer.
 */
export async function probe(url: string, limit: number, now: () => number, signal: AbortSignal): Promise<string> {
  const clock = steadyClock(now)
  const until = clock() + limit * 1000
  for (;;) {
    const {ok, asked, says} = await askOnce({kind: 'page', url}, {signal, limit: ANSWER_MS})
    if (ok) return `it ${says}`
    if (clock() >= until)
      throw new OperatorError(`${asked} does not answer as it should after ${limit} s: ${says}.`, {next: [`Try it: curl -v ${asked}`]})
    await sleep(EVERY_MS, undefined, {signal})
  }
}
