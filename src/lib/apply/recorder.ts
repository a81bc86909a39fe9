import type {Journal, JournalRecord, OperationResult} from '../model/journal.js'
import {stepsOf, type Plan} from '../model/plan.js'
import type {StepOutcome} from './report.js'

type Began = Pick<Extract<JournalRecord, {kind: 'began'}>, 'stack' | 'verb' | 'by' | 'trigger'>

/** Writes one operation into the journal, line by line; each is on disk when its promise ends. */
export type Recorder = {
  began(what: Began): Promise<void>
  planned(plan: Plan): Promise<void>
  step(outcome: StepOutcome): Promise<void>
  ended(how: {result: OperationResult; summary: string; seconds: number}): Promise<void>
}

export function recorder(journal: Journal, {op, now}: {readonly op: string; readonly now: () => number}): Recorder {
  const line = (): {op: string; at: string} => ({op, at: new Date(now()).toISOString()})
  return {
    began: (what) => journal.append({kind: 'began', ...line(), ...what}),
    planned: (plan) => {
      const steps = stepsOf(plan).map(({action, target, reason}) => ({action, target, reason}))
      return journal.append({kind: 'planned', ...line(), steps})
    },
    step: ({step: {action, target, reason}, result, seconds, message}) =>
      journal.append({kind: 'step', ...line(), action, target, reason, result, seconds, ...(message !== undefined && {message})}),
    ended: (how) => journal.append({kind: 'ended', ...line(), ...how}),
  }
}
