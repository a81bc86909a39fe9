import type {Decision} from '../../plan/cascade/decide.js'
import {retryDelay} from '../../plan/cascade/limits.js'
import type {Verdict} from '../../plan/cascade/verdict.js'
import type {Plan} from '../../model/plan.js'
import {listen, type Hints} from '../hints.js'
import type {StepOutcome} from '../report.js'
import type {CascadeJob} from './hands.js'
import {cascadePass} from './pass.js'

/** What became of one stack's cascade. */
export type CascadeResult = {
  readonly stack: string
  /** How it ended: `whole` if nothing was wrong or all is well now. */
  readonly ended: 'whole' | 'unhealthy' | 'failed' | 'gateway' | 'paused' | 'cancelled'
  readonly plans: readonly Plan[]
  readonly outcomes: readonly StepOutcome[]
  readonly verdict: Verdict | undefined
  readonly last: Decision
}

/** Passes until there is nothing left to do, for one who waits at a terminal: the limits of the rules hold, in all. */
export async function runCascade(job: CascadeJob): Promise<CascadeResult> {
  const {stack} = job.order
  const hints = listen(job.hands.engine, stack.project, job.signal)
  try {
    return await passes(job, hints)
  } finally {
    hints.close()
  }
}

async function passes(job: CascadeJob, hints: Hints): Promise<CascadeResult> {
  const {order, hands, signal} = job
  const services = [...order.stack.services.keys()]
  const until = hands.now() + order.rules.gateway * 1000
  const plans: Plan[] = []
  const outcomes: StepOutcome[] = []
  for (let attempts = 0; ;) {
    const hinted = hints.next(...services)
    const pass = await cascadePass(job)
    if (pass.outcomes.length > 0) plans.push(pass.decision.plan)
    outcomes.push(...pass.outcomes)
    if (failed(pass.outcomes) && pass.decision.phase === 'repair') attempts++
    const left = until - hands.now()
    const ended = signal.aborted ? 'cancelled' : endOf(pass.decision.phase, pass.verdict, attempts >= order.rules.attempts, left)
    if (ended !== undefined) return {stack: order.stack.name, ended, plans, outcomes, verdict: pass.verdict, last: pass.decision}
    if (failed(pass.outcomes) && attempts > 0) await hinted(Math.min(left, retryDelay(attempts, order.rules)))
    else if (pass.outcomes.length === 0) await hinted(Math.min(left, pass.decision.recheckMs ?? left))
  }
}

function endOf(
  phase: Decision['phase'],
  verdict: Verdict | undefined,
  exhausted: boolean,
  left: number,
): CascadeResult['ended'] | undefined {
  if (verdict !== undefined) return verdict.result === 'unhealthy' ? 'unhealthy' : 'whole'
  if (phase === 'whole') return 'whole'
  if (phase === 'paused' || phase === 'loop') return 'paused'
  if (exhausted) return 'failed'
  return phase === 'gateway' && left <= 0 ? 'gateway' : undefined
}

const failed = (outcomes: readonly StepOutcome[]): boolean => outcomes.some(({result}) => result === 'failed')
