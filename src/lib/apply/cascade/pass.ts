import type {Decision} from '../../plan/cascade/decide.js'
import type {Verdict} from '../../plan/cascade/verdict.js'
import type {StepOutcome} from '../report.js'
import {consider} from './consider.js'
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
 * Looks, decides, and does one thing: it repairs, or it proves a repair. Looks again when it has the lock: what another
 * command did meanwhile has to be seen. Between two passes nothing is held, and a kill leaves what the next one continues.
 * @throws OperatorError: Docker does not answer, the lock is held too long (75), the state folder cannot be written.
 */
export async function cascadePass(job: CascadeJob): Promise<Pass> {
  const first = await consider(job)
  const {phase, recheckMs} = first.decision
  if (phase === 'verify') return verify(first, job)
  if (phase !== 'repair' && !first.changed && recheckMs !== 0) return {decision: first.decision, outcomes: [], failed: false}
  return withStack(job, async () => repair(await consider(job), job))
}
