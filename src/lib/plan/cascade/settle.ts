import type {CascadeMemory, CascadeRules} from '../../model/cascade.js'
import type {Step} from '../../model/plan.js'

/** What became of a step, as far as it matters here. */
type Outcome = {readonly step: Step; readonly result: 'done' | 'failed' | 'skipped' | 'cancelled'}

/** What is to be remembered after steps were carried out; and whether that was the last of the attempts that are told about. */
export type Settled = {readonly memory: CascadeMemory; readonly exhausted: boolean}

/** Who was started is parked no more; a step that failed makes this a failed attempt. `now`: epoch milliseconds. Pure. */
export function settle(memory: CascadeMemory, outcomes: readonly Outcome[], rules: CascadeRules, now: number): Settled {
  const started = outcomes.filter(({step, result}) => (step.action === 'start' || step.action === 'restart') && result === 'done')
  const back = new Set(started.map(({step}) => step.target))
  const unparked = {...memory, parked: memory.parked.filter(({service}) => !back.has(service))}
  return outcomes.some(({result}) => result === 'failed') ? failedAttempt(unparked, rules, now) : {memory: unparked, exhausted: false}
}

/** One more attempt that did not help. */
export function failedAttempt(memory: CascadeMemory, rules: CascadeRules, now: number): Settled {
  const {episode} = memory
  if (episode === undefined) return {memory, exhausted: false}
  const attempts = episode.attempts + 1
  const exhausted = attempts >= rules.attempts && episode.alerted !== 'failed'
  return {memory: {...memory, episode: {...episode, attempts, lastAttemptAt: now, ...(exhausted && {alerted: 'failed'})}}, exhausted}
}
