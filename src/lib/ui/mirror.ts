import type {Reporter, StepOutcome} from '../apply/report.js'
import type {PullProgress} from '../engine/engine.js'
import type {Plan, Step} from '../model/plan.js'

/** What a step's task shows; set by whoever draws it. */
type Face = {progress: (progress: PullProgress) => void}

/**
 * Turns what a reporter is told into promises that a task list can wait for: each plan, and each step's
 * outcome. It is told of everything before the reporter is closed, so nobody waits for ever.
 */
export type Mirror = {
  readonly reporter: Reporter
  /** Counted from 0. Rejects if there was no plan at all; undefined if there is none of that number. */
  plan(number: number): Promise<Plan | undefined>
  outcome(step: Step, face?: Face): Promise<StepOutcome>
}

export function mirror(): Mirror {
  const plans: Deferred<Plan | undefined>[] = []
  let closed = false
  const planOf = (number: number): Deferred<Plan | undefined> => {
    const known = (plans[number] ??= deferred<Plan | undefined>())
    if (closed) known.resolve(undefined)
    return known
  }
  const outcomes = new Map<Step, Deferred<StepOutcome>>()
  const faces = new Map<Step, Face>()
  const outcomeOf = (step: Step): Deferred<StepOutcome> => {
    const known = outcomes.get(step) ?? deferred<StepOutcome>()
    outcomes.set(step, known)
    return known
  }
  let planned = 0
  return {
    plan: (number) => planOf(number).promise,
    outcome(step, face) {
      if (face !== undefined) faces.set(step, face)
      return outcomeOf(step).promise
    },
    reporter: {
      planned: (plan) => planOf(planned++).resolve(plan),
      began() {},
      progress: (step, progress) => faces.get(step)?.progress(progress),
      ended: (outcome) => outcomeOf(outcome.step).resolve(outcome),
      closed(error) {
        if (error !== undefined) planOf(0).reject(error)
        closed = true
        plans.forEach((plan) => plan.resolve(undefined))
      },
    },
  }
}

type Deferred<T> = {promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void}

/** Node 20 has no Promise.withResolvers. */
function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<T>((onResolve, onReject) => ([resolve, reject] = [onResolve, onReject]))
  promise.catch(() => undefined) // Whoever asks for it sees the error; nobody asking is no failure.
  return {promise, resolve, reject}
}
