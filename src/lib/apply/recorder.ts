import type {Journal, JournalRecord, OperationResult} from '../model/journal.js'
import {stepsOf, type Plan} from '../model/plan.js'
import type {StepOutcome} from './report.js'

type Began = Omit<Extract<JournalRecord, {kind: 'began'}>, 'op' | 'at' | 'kind'>

/** `seconds`: what the whole operation took. `summary`: one sentence for people. */
type Ending = {readonly result: OperationResult; readonly summary: string; readonly seconds: number}

/** Writes one operation down; the line is on disk when a promise resolves. Each one rejects as `Journal.append` does. */
export type Recorder = {
  began(what: Began): Promise<void>
  planned(plan: Plan): Promise<void>
  step(outcome: StepOutcome): Promise<void>
  ended(how: Ending): Promise<void>
}

/**
 * Lines stand in the journal in the order of the calls, also of calls that do not wait for each other, and each has the
 * time of its call.
 * @param now epoch milliseconds
 */
export function recorder(journal: Journal, {op, now}: {readonly op: string; readonly now: () => number}): Recorder {
  const line = (): {op: string; at: string} => ({op, at: new Date(now()).toISOString()})
  let last: Promise<void> = Promise.resolve()
  const append = (record: JournalRecord): Promise<void> => {
    last = last.catch(() => undefined).then(() => journal.append(record))
    return last
  }
  return {
    began: ({stack, verb, by, trigger}) => append({...line(), kind: 'began', stack, verb, by, trigger}),
    planned: (plan) =>
      append({...line(), kind: 'planned', steps: stepsOf(plan).map(({action, target, reason}) => ({action, target, reason}))}),
    step: ({step: {action, target, reason}, result, seconds, message}) =>
      append({
        ...line(),
        kind: 'step',
        action,
        target,
        reason,
        result,
        seconds: inMs(seconds),
        ...(message === undefined ? {} : {message}),
      }),
    ended: ({result, seconds, summary}) => append({...line(), kind: 'ended', result, seconds: inMs(seconds), summary}),
  }
}

/** The clock has no more than that; 0.1 + 0.2 would write 17 digits. */
const inMs = (seconds: number): number => Math.round(seconds * 1000) / 1000
