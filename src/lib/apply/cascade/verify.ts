import {verdictAlert} from '../../notify/cascade-alerts.js'
import type {CascadeMemory, Episode} from '../../model/cascade.js'
import {elapsed} from '../../model/clock.js'
import {failedAttempt} from '../../plan/cascade/settle.js'
import {judge, withoutEpisode, type Unwell, type Verdict} from '../../plan/cascade/verdict.js'
import {apply} from '../apply.js'
import {recorder} from '../recorder.js'
import type {StepOutcome} from '../report.js'
import {consider, type Consideration} from './consider.js'
import {withStack, type CascadeJob} from './hands.js'
import type {Pass} from './pass.js'
import {recording} from '../recording.js'
import {tellFailed} from './tell.js'

/** Proves a repair. Waits without the lock: it changes nothing, and a person may want to work on the stack. */
export async function verify({decision, remembered}: Consideration, job: CascadeJob): Promise<Pass> {
  const {order, hands, reporter, signal} = job
  const op = remembered.episode?.op ?? ''
  const book = recorder(hands.journal, {op, now: hands.now})
  const own = recording(reporter, book)
  if (decision.plan.stages.length > 0) {
    await book.planned(decision.plan)
    reporter.planned(decision.plan)
  }
  const outcomes = await apply(decision.plan, order.stack, hands, own.reporter, signal)
  await own.written()
  // Overtaken by another start of the gateway, or cancelled: the next pass goes on from what it sees.
  if (outcomes.some(({result}) => result === 'skipped' || result === 'cancelled')) return {decision, outcomes, failed: false}
  return {decision, outcomes, ...(await withStack(job, () => finish(op, outcomes, job)))}
}

type Proof = Pick<Pass, 'verdict' | 'failed'>

/** Looks once more, with the lock: only what is still whole is done. */
async function finish(op: string, outcomes: readonly StepOutcome[], job: CascadeJob): Promise<Proof> {
  const {decision, remembered} = await consider(job)
  const {episode} = remembered
  // Somebody else ended it meanwhile.
  if (episode?.op !== op) return {failed: false}
  if (decision.phase !== 'verify') return again(decision.memory, episode, outcomes, job)
  const failed = outcomes.filter(({result}) => result === 'failed')
  const unwell = failed.map(({step, message}): Unwell => ({service: step.target, why: message ?? 'not healthy'}))
  const verdict = judge(episode, decision.diagnoses, unwell)
  await close(verdict, decision.memory, job)
  return {verdict, failed: false}
}

/** Told first, forgotten last: a kill between the two tells it twice rather than never. */
async function close(verdict: Verdict, memory: CascadeMemory, {order, hands}: CascadeJob): Promise<void> {
  const {episode, result, summary} = verdict
  const now = hands.now()
  const alert = verdictAlert(order.stack.name, verdict, now)
  if (alert !== undefined) await hands.notifier.post(alert)
  await recorder(hands.journal, {op: episode.op, now: hands.now}).ended({result, summary, seconds: elapsed(episode.startedAt, now) / 1000})
  await hands.memory.write(order.stack.project, withoutEpisode(memory))
}

/** There is trouble again: in the same start of the gateway, the repair did not hold. */
async function again(memory: CascadeMemory, episode: Episode, outcomes: readonly StepOutcome[], job: CascadeJob): Promise<Proof> {
  if (memory.episode?.situation !== episode.situation) return {failed: false}
  const settled = failedAttempt({...memory, episode}, job.order.rules, job.hands.now())
  if (settled.exhausted) await tellFailed(settled.memory, outcomes, job)
  await job.hands.memory.write(job.order.stack.project, settled.memory)
  return {failed: true}
}
