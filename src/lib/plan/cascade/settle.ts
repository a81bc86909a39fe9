import type {CascadeMemory, CascadeRules, Episode} from '../../model/cascade.js'
import type {Step} from '../../model/plan.js'

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
