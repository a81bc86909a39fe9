import type {Plan} from '../../model/plan.js'
import type {Decision} from '../../plan/cascade/decide.js'
import type {Reporter, StepOutcome} from '../report.js'

/** What was carried out, in its order. */
export type Done = {readonly plans: Plan[]; readonly outcomes: StepOutcome[]}

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
export function gateWait(reporter: Reporter, done: Done, now: () => number): Gate {
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
