import {recorder, type Recorder, recording} from '../journal/recorder.js'
import {elapsed} from '../model/clock.js'
import type {StepOutcome} from '../model/plan.js'
import {apply} from '../stack/executor.js'
import {tellFailed, tellGateway, tellLoop, verdictAlert} from './alerts.js'
import type {Decision} from './decide.js'
import {settle, failedAttempt} from './limits.js'
import {consider, type Consideration, withStack, type CascadeJob} from './observe.js'
import {type Verdict, judge, withoutEpisode, type Unwell} from './result.js'
import type {CascadeMemory, Episode} from '../model/cascade.js'

/** One look, and what followed from it. */
export type Pass = {
  readonly decision: Decision
  readonly outcomes: readonly StepOutcome[]
  /** It was an attempt, and it did not help. */
  readonly failed: boolean
  /** The repair that came to its end in this pass. */
  readonly verdict?: Verdict
}

/**
 * Looks, decides, and does one thing: it repairs, or it proves a repair. Looks when it has the lock, or again when it has
 * it: what another command did meanwhile has to be seen. Between two passes nothing is held, and a kill leaves what the
 * next one continues.
 * @throws OperatorError: Docker does not answer, the lock is held too long (75), the state folder cannot be written.
 */
export async function cascadePass(job: CascadeJob): Promise<Pass> {
  const first = job.onLook === undefined && (await isLikelyDue(job)) ? undefined : await consider(job)
  if (first !== undefined) job.onLook?.(first.decision.phase)
  if (first !== undefined && !isDue(first)) return {decision: first.decision, outcomes: [], failed: false}
  if (first?.decision.phase === 'verify') return verify(first, job)
  const second = await withStack(job, async () => {
    const seen = await consider(job)
    return seen.decision.phase === 'verify' && first === undefined ? {toVerify: seen} : repair(seen, job)
  })
  return 'toVerify' in second ? verify(second.toVerify, job) : second
}

/** Who is parked waits for the gateway, and it counts how soon they start: one look instead of two. */
async function isLikelyDue({order, hands}: CascadeJob): Promise<boolean> {
  const {episode, parked} = await hands.memory.read(order.stack.project)
  return episode?.attempts === 0 && parked.length > 0
}

const isDue = ({changed, decision: {phase, recheckMs}}: Consideration): boolean =>
  phase === 'repair' || phase === 'verify' || changed || recheckMs === 0

/** Writes down what was decided, then does it. The caller holds the stack's lock. */
async function repair(seen: Consideration, job: CascadeJob): Promise<Pass> {
  const {decision} = seen
  if (decision.phase === 'loop') await tellLoop(seen, job)
  const book = await begin(seen, job)
  if (seen.changed) await write(decision.memory, job)
  const {episode} = decision.memory
  if (episode !== undefined && decision.phase === 'gateway' && decision.recheckMs === 0)
    await write(await tellGateway(seen, episode, job), job)
  return decision.phase === 'repair' ? carryOut(seen, book, job) : {decision, outcomes: [], failed: false}
}

const write = (memory: CascadeMemory, {order, hands}: CascadeJob): Promise<void> => hands.memory.write(order.stack.project, memory)

/** A new operation is written down as begun. */
async function begin({decision, remembered}: Consideration, {order, hands}: CascadeJob): Promise<Recorder> {
  const {episode} = decision.memory
  const book = recorder(hands.journal, {op: episode?.op ?? '', now: hands.now})
  if (episode !== undefined && remembered.episode?.op !== episode.op)
    await book.began({stack: order.stack.name, verb: 'cascade', by: order.by, trigger: episode.trigger})
  return book
}

async function carryOut({decision, remembered}: Consideration, book: Recorder, job: CascadeJob): Promise<Pass> {
  const {order, hands, reporter, signal} = job
  await book.planned(decision.plan)
  const own = recording(reporter, book)
  reporter.planned(decision.plan)
  const outcomes = await apply(decision.plan, order.stack, hands, own.reporter, signal)
  await own.written()
  const settled = settle(decision.memory, remembered.episode, outcomes, order.rules, hands.now())
  if (settled.exhausted) await tellFailed(settled.memory, outcomes, job)
  await write(settled.memory, job)
  return {decision, outcomes, failed: settled.failed}
}

/** Proves a repair. Waits without the lock: it changes nothing, and a person may want to work on the stack. */
async function verify({decision, remembered}: Consideration, job: CascadeJob): Promise<Pass> {
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
