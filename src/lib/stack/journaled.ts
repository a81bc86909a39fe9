import {OperatorError} from '../util/errors.js'
import {stepsOf, type Plan, type Reporter, type StepOutcome} from '../model/plan.js'
import {endingOf, type StackResult} from './result.js'
import {recorder} from '../journal/recorder.js'
import type {Hands} from './step-handlers.js'

type Operation = {
  /** Nothing to do is no operation. */
  readonly plan: Plan
  /** For people: the words of the command line, or what a watcher was told. */
  readonly trigger: string
  readonly by: 'command' | 'watch'
  readonly op: string
  readonly signal: AbortSignal
}

/**
 * Does `work` and writes it down: its beginning and its plan before the first step, each outcome, and its end. `work`
 * tells the reporter that it is given.
 * @throws OperatorError (78) before anything is done, if it cannot be written down. What cannot be written later is told
 * once and stops nothing: half an operation is worse than half a record. And whatever `work` throws.
 */
export async function journalled(
  {plan, trigger, signal, by, op}: Operation,
  hands: Hands,
  reporter: Reporter,
  work: (reporter: Reporter) => Promise<StackResult>,
): Promise<StackResult> {
  if (stepsOf(plan).length === 0) return work(reporter)
  const start = hands.now()
  const notes = recorder(hands.journal, {op, now: hands.now})
  await notes.began({stack: plan.stack, verb: plan.verb, by, trigger})
  await notes.planned(plan)
  const kept = warnOnce(hands.warn)
  const told = new Set<StepOutcome>()
  const step = (outcome: StepOutcome): void => void (told.add(outcome), kept(notes.step(outcome)))
  const took = (): number => (hands.now() - start) / 1000
  try {
    const result = await work(listening(reporter, {planned: (second) => void kept(notes.planned(second)), step}))
    // What is found wrong after the last step is told to nobody else.
    result.outcomes.filter((outcome) => !told.has(outcome)).forEach(step)
    await kept(notes.ended({...endingOf(result), seconds: took()}))
    return result
  } catch (error) {
    const summary = error instanceof OperatorError ? error.message : 'Ended by an error that homelab did not expect.'
    await kept(notes.ended({result: signal.aborted ? 'cancelled' : 'failed', summary, seconds: took()}))
    throw error
  }
}

/** The same reporter, with somebody beside it who writes. */
function listening(reporter: Reporter, notes: {planned: (plan: Plan) => void; step: (outcome: StepOutcome) => void}): Reporter {
  return {
    ...reporter,
    planned(plan) {
      reporter.planned(plan)
      if (stepsOf(plan).length > 0) notes.planned(plan)
    },
    ended(outcome) {
      reporter.ended(outcome)
      notes.step(outcome)
    },
  }
}

function warnOnce(warn: (text: string) => void): (write: Promise<void>) => Promise<void> {
  let warned = false
  return (write) =>
    write.catch((error: unknown) => {
      if (warned) return
      warned = true
      warn(`${error instanceof Error ? error.message : String(error)}. The operation goes on, and homelab history will not show all of it.`)
    })
}
