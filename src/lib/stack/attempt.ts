import type {Step, Reporter, StepOutcome} from '../model/plan.js'
import {OperatorError, Overtaken} from '../util/errors.js'

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

/**
 * One run of Compose for all: a third of the time of one a service. If it fails, Compose has cancelled the others with
 * the one that could not be created; so each is then run by itself, and only those that really fail are lost.
 * @param then What follows for each that was created.
 */
export async function createThroughCompose(
  steps: readonly Step[],
  run: (steps: readonly Step[]) => Promise<void>,
  watch: Watch,
  record: (outcome: StepOutcome) => void,
  then: (step: Step) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  if (steps.length === 0) return
  const together = run(steps)
  const act = async (step: Step): Promise<undefined> => {
    try {
      await together
    } catch (error) {
      if (steps.length === 1 || watch.signal.aborted) throw error
      await inTurn(() => run([step]))
    }
    await then(step)
  }
  const inTurn = queue()
  await Promise.all(steps.map(async (step) => record(await attempt(step, () => act(step), watch))))
}

/** Compose runs over one project one after the other. */
function queue(): (task: () => Promise<void>) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const turn = last.then(task)
    last = turn.catch(() => undefined)
    return turn
  }
}
