import {elapsed} from '../model/clock.js'
import type {Step} from '../model/plan.js'
import type {CascadeMemory, CascadeRules, Episode} from '../model/cascade.js'

const HOUR_MS = 3_600_000
/** After the last of the attempts that are told about: things may have got better by themselves. */
const SLOW_MS = 900_000

/** Milliseconds from a failed attempt to the next one: doubling, then slow. */
export function retryDelay(attempts: number, {attempts: most, backoff}: CascadeRules): number {
  return attempts < most ? Math.min(SLOW_MS, backoff * 1000 * 2 ** (attempts - 1)) : SLOW_MS
}

/** Milliseconds until the next attempt may begin; 0: now. */
export function leftToWait({attempts, lastAttemptAt}: Episode, rules: CascadeRules, now: number): number {
  return attempts === 0 ? 0 : Math.max(0, retryDelay(attempts, rules) - elapsed(lastAttemptAt, now))
}

/** The memory with one more cascade in it; or paused, if that would be one too many. */
export function countCascade(
  memory: CascadeMemory,
  rules: CascadeRules,
  now: number,
): {readonly memory: CascadeMemory; readonly loop: boolean} {
  const recent = memory.cascades.filter((begun) => begun > now - HOUR_MS)
  if (recent.length < rules.perHour) return {memory: {...memory, cascades: [...recent, now]}, loop: false}
  // The count begins anew after the pause.
  return {memory: {...memory, cascades: [], pausedUntil: now + rules.pause * 1000}, loop: true}
}

/** Another start of the gateway within the debounce time is the same burst, and the same cascade. */
export const isNewCascade = ({cascades}: CascadeMemory, rules: CascadeRules, now: number): boolean =>
  elapsed(cascades.at(-1) ?? -Infinity, now) >= rules.debounce * 1000

/** What became of a step, as far as it matters here. */
type Outcome = {readonly step: Step; readonly result: 'done' | 'failed' | 'skipped' | 'cancelled'}

/** What is to be remembered after steps were carried out; whether they failed, and whether that was the last of the attempts that are told about. */
type Settled = {readonly memory: CascadeMemory; readonly failed: boolean; readonly exhausted: boolean}

/**
 * Who was started is parked no more; a step that failed, or did not help before, makes this a failed attempt.
 * @param before The episode as it was before these steps were decided. @param now Epoch milliseconds. Pure.
 */
export function settle(
  memory: CascadeMemory,
  before: Episode | undefined,
  outcomes: readonly Outcome[],
  rules: CascadeRules,
  now: number,
): Settled {
  const started = outcomes.filter(({step, result}) => (step.action === 'start' || step.action === 'restart') && result === 'done')
  const back = new Set(started.map(({step}) => step.target))
  const unparked = {...memory, parked: memory.parked.filter(({service}) => !back.has(service))}
  const failed = outcomes.some(({result}) => result === 'failed') || didNotHelp(memory.episode, before, outcomes)
  return failed ? failedAttempt(unparked, rules, now) : {memory: unparked, failed, exhausted: false}
}

/**
 * Cut off again in the very start of the gateway in which it was brought back: a clock that was set back makes the gateway
 * look younger than everybody. Without this it would be brought back for ever, without a rest.
 */
const didNotHelp = (episode: Episode | undefined, before: Episode | undefined, outcomes: readonly Outcome[]): boolean =>
  before?.broughtBackIn !== undefined &&
  before.broughtBackIn === episode?.situation &&
  outcomes.some(({step: {action, target}}) => (action === 'restart' || action === 'replace') && before.services.includes(target))

/** One more attempt that did not help. */
export function failedAttempt(memory: CascadeMemory, rules: CascadeRules, now: number): Settled {
  const {episode} = memory
  if (episode === undefined) return {memory, failed: true, exhausted: false}
  const attempts = episode.attempts + 1
  const exhausted = attempts >= rules.attempts && episode.alerted !== 'failed'
  return {
    memory: {...memory, episode: {...episode, attempts, lastAttemptAt: now, ...(exhausted && {alerted: 'failed'})}},
    failed: true,
    exhausted,
  }
}
