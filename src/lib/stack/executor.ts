import type {DeclaredStack} from '../model/stack.js'
import type {Plan, Stage, Step, Reporter, StepOutcome} from '../model/plan.js'
import {carryOutStage, type Hands} from './step-handlers.js'

/**
 * Carries out a plan, stage by stage, and decides nothing: a step is left out only if its service, or one that it
 * needs, failed before. Never throws; every step of the plan has an outcome.
 */
export async function apply(
  plan: Plan,
  stack: DeclaredStack,
  hands: Hands,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<StepOutcome[]> {
  const watch = {reporter, signal, now: hands.now}
  const outcomes: StepOutcome[] = []
  const record = (outcome: StepOutcome): void => {
    outcomes.push(outcome)
    reporter.ended(outcome)
  }
  for (const stage of plan.stages) {
    const {ready, left} = sift(stage, outcomes, signal)
    left.forEach(record)
    if (ready.length > 0) await carryOutStage(ready, stack, hands, watch, record)
  }
  return outcomes
}

function sift(stage: Stage, outcomes: readonly StepOutcome[], signal: AbortSignal): {ready: Step[]; left: StepOutcome[]} {
  const left: StepOutcome[] = []
  const ready = stage.filter((step) => {
    const fallen = outcomes
      .filter(({result, step: earlier}) => result !== 'done' && !forgives(step, earlier))
      .map((outcome) => outcome.step.target)
    const cause = [step.target, ...step.needs].find((name) => fallen.includes(name))
    if (signal.aborted) left.push(notBegun(step, 'cancelled', 'cancelled before it began'))
    else if (cause !== undefined)
      left.push(notBegun(step, 'skipped', cause === step.target ? 'not done, as an earlier step failed' : `not done, as ${cause} failed`))
    else return true
    return false
  })
  return {ready, left}
}

const forgives = (step: Step, earlier: Step): boolean =>
  step.regardless === true && HAVING.has(earlier.action) && earlier.target === step.target

/** What fails of them leaves the service as it is. */
const HAVING = new Set<Step['action']>(['pull', 'keep', 'recover', 'release'])

const notBegun = (step: Step, result: 'skipped' | 'cancelled', message: string): StepOutcome => ({
  step,
  result,
  seconds: 0,
  message,
  error: undefined,
})
