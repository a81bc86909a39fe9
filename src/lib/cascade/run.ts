import {steadyClock} from '../model/clock.js'
import type {Plan, StepOutcome, Reporter} from '../model/plan.js'
import {listen, type Hints} from '../stack/docker-events.js'
import type {Decision} from './decide.js'
import {retryDelay} from './limits.js'
import {type CascadeJob, withStack} from './observe.js'
import {cascadePass, type Pass} from './pass.js'
import type {Verdict} from './result.js'
import {goingOnWithoutDiary} from './without-diary.js'
import type {CascadeRules} from '../model/cascade.js'

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

/** What was carried out, in its order. */
type Done = {readonly plans: Plan[]; readonly outcomes: StepOutcome[]}

/** The wait for a gateway between two passes, told as the step that a dry run shows. It ends at the gateway's own event. */
type Gate = {
  /** The reporter of the passes: what they plan ends the wait. */
  readonly reporter: Reporter
  /** What a pass has decided; the wait may begin with it. */
  passed(decision: Decision): void
  /** No pass comes any more. */
  over(result: StepOutcome['result'], message?: string): void
}

/** @param done is where the wait is kept. @param now Epoch milliseconds. */
function gateWait(reporter: Reporter, done: Done, now: () => number): Gate {
  let waiting: {readonly plan: Plan; readonly since: number} | undefined
  const over: Gate['over'] = (result, message) => {
    if (waiting === undefined) return
    const {plan, since} = waiting
    waiting = undefined
    const seconds = (now() - since) / 1000
    const outcomes = plan.stages.flat().map((step): StepOutcome => ({step, result, message, seconds, error: undefined}))
    outcomes.forEach((outcome) => reporter.ended(outcome))
    done.plans.push(plan)
    done.outcomes.push(...outcomes)
  }
  return {
    reporter: {
      ...reporter,
      planned: (plan) => {
        over('done')
        reporter.planned(plan)
      },
    },
    passed: ({plan, gate}) => {
      if (waiting !== undefined || gate.length === 0) return
      waiting = {plan: {...plan, stages: [gate], notes: [], lookAgain: true}, since: now()}
      reporter.planned(waiting.plan)
      gate.forEach((step) => reporter.began(step))
    },
    over,
  }
}

/** Ends the pause that a restart loop brought, and begins to count anew. @returns Whether there was one. */
export function resumeCascades(job: CascadeJob): Promise<boolean> {
  const {hands, order} = job
  return withStack(job, async () => {
    const {pausedUntil, ...rest} = await hands.memory.read(order.stack.project)
    await hands.memory.write(order.stack.project, {...rest, cascades: []})
    return pausedUntil !== undefined && pausedUntil > hands.now()
  })
}
