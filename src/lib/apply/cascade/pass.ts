import type {Decision} from '../../plan/cascade/decide.js'
import type {Verdict} from '../../plan/cascade/verdict.js'
import type {StepOutcome} from '../report.js'
import {consider, type Consideration} from './consider.js'
import {withStack, type CascadeJob} from './hands.js'
import {repair} from './repair.js'
import {verify} from './verify.js'

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
