import {OperatorError} from '../model/operator-error.js'
import type {Step} from '../model/plan.js'
import {Overtaken} from './overtaken.js'
import type {Reporter, StepOutcome} from './report.js'

export type Watch = {
  readonly reporter: Reporter
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly signal: AbortSignal
}

/** Runs one step and says what became of it; never throws. What `act` returns is told to people. */
export async function attempt(step: Step, act: () => Promise<string | undefined>, {reporter, now, signal}: Watch): Promise<StepOutcome> {
  const began = now()
  const seconds = (): number => (now() - began) / 1000
  reporter.began(step)
  try {
    return {step, result: 'done', message: await act(), seconds: seconds(), error: undefined}
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    const cancelled = signal.aborted && !(error instanceof OperatorError)
    if (cancelled) return {step, result: 'cancelled', message: 'cancelled', seconds: seconds(), error: undefined}
    if (error instanceof Overtaken) return {step, result: 'skipped', message: error.message, seconds: seconds(), error: undefined}
    return {step, result: 'failed', message: error.message, seconds: seconds(), error}
  }
}
