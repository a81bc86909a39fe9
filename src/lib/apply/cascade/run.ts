import type {Decision} from '../../plan/cascade/decide.js'
import {retryDelay} from '../../plan/cascade/limits.js'
import type {Verdict} from '../../plan/cascade/verdict.js'
import {steadyClock} from '../../model/clock.js'
import type {CascadeRules} from '../../model/cascade.js'
import type {Plan} from '../../model/plan.js'
import {listen, type Hints} from '../hints.js'
import type {StepOutcome} from '../report.js'
import type {CascadeJob} from './hands.js'
import {gateWait, type Done} from './gate.js'
import {cascadePass, type Pass} from './pass.js'
import {goingOnWithoutDiary} from './without-diary.js'

/** What became of one stack's cascade. */
export type CascadeResult = {
  readonly stack: string
  /** How it ended: `whole` if nothing was wrong or all is well now. */
  readonly ended: 'whole' | 'unhealthy' | 'failed' | 'gateway' | 'paused' | 'cancelled'
  readonly plans: readonly Plan[]
  readonly outcomes: readonly StepOutcome[]
  readonly seconds: number
  readonly verdict: Verdict | undefined
  readonly last: Decision
}

/** Passes until there is nothing left to do, for one who waits at a terminal: the limits of the rules hold, in all. */
export async function runCascade(asked: CascadeJob): Promise<CascadeResult> {
  const job = {...asked, hands: goingOnWithoutDiary(asked.hands.warn)(asked.hands)}
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
  const clock = steadyClock(hands.now)
  const began = clock()
  const until = began + order.rules.gateway * 1000
  const done: Done = {plans: [], outcomes: []}
  const gate = gateWait(job.reporter, done, hands.now)
  for (let attempts = 0; ;) {
    const hinted = hints.next(...services)
    const pass = await cascadePass({...job, reporter: gate.reporter})
    if (pass.outcomes.length > 0) done.plans.push(pass.decision.plan)
    done.outcomes.push(...pass.outcomes)
    gate.passed(pass.decision)
    if (pass.failed) attempts++
    const left = until - clock()
    const ended = signal.aborted ? 'cancelled' : endOf(pass, attempts >= order.rules.attempts, left)
    if (ended !== undefined) {
      gate.over(...endOfGate(ended))
      const seconds = (clock() - began) / 1000
      return {stack: order.stack.name, ended, ...done, seconds, verdict: pass.verdict, last: pass.decision}
    }
    await hinted(Math.max(0, Math.min(left, pauseMs(pass, attempts, order.rules))))
  }
}

/** What became of a wait for the gateway that nothing was done after. */
function endOfGate(ended: CascadeResult['ended']): [StepOutcome['result'], string?] {
  if (ended === 'whole') return ['done']
  return ended === 'gateway' ? ['failed', 'it is not healthy'] : ['cancelled']
}

/** Milliseconds until the next pass. */
function pauseMs(pass: Pass, attempts: number, rules: CascadeRules): number {
  if (pass.failed) return retryDelay(attempts, rules)
  if (pass.outcomes.length === 0) return pass.decision.recheckMs ?? Infinity
  return pass.outcomes.every(({result}) => result === 'skipped') ? BREATH_MS : 0
}

/** Nothing done again and again must not become a loop that does not rest, milliseconds. */
const BREATH_MS = 1_000

function endOf({decision: {phase}, verdict}: Pass, exhausted: boolean, left: number): CascadeResult['ended'] | undefined {
  if (verdict !== undefined) return verdict.result === 'unhealthy' ? 'unhealthy' : 'whole'
  if (phase === 'whole') return 'whole'
  if (phase === 'paused' || phase === 'loop') return 'paused'
  if (exhausted) return 'failed'
  return phase === 'gateway' && left <= 0 ? 'gateway' : undefined
}
