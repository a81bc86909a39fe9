import type {OperationResult} from '../model/journal.js'
import {stepsOf, type Plan} from '../model/plan.js'
import {recorder} from './recorder.js'
import {recording} from './recording.js'
import type {Reporter, StepOutcome} from './report.js'
import type {Hands} from './stage.js'

/** One command's operation in the journal. It begins with the first step: what had nothing to do is not written down. */
export type Booked = {
  readonly reporter: Reporter
  /** Call before the plan is carried out. @throws OperatorError (78) if it cannot be written down; nothing is done then. */
  planned(plan: Plan): Promise<void>
  ended(outcomes: readonly StepOutcome[]): Promise<void>
}

type What = {readonly stack: string; readonly verb: string; readonly trigger: string}

export function booked(what: What, {journal, newOperation, now}: Hands, reporter: Reporter): Booked {
  const book = recorder(journal, {op: newOperation(), now})
  const own = recording(reporter, book)
  let beganAt: number | undefined
  return {
    reporter: own.reporter,
    planned: async (plan) => {
      if (stepsOf(plan).length === 0) return
      if (beganAt === undefined) await book.began({...what, by: 'command'})
      beganAt ??= now()
      await book.planned(plan)
    },
    ended: async (outcomes) => {
      await own.written()
      if (beganAt !== undefined) await book.ended({...resultOf(outcomes), seconds: (now() - beganAt) / 1000})
    },
  }
}

function resultOf(outcomes: readonly StepOutcome[]): {result: OperationResult; summary: string} {
  const lost = outcomes.filter(({result}) => result !== 'done')
  const [first] = lost.filter(({result}) => result === 'failed')
  const result = first !== undefined ? 'failed' : lost.some(({result: one}) => one === 'cancelled') ? 'cancelled' : 'done'
  const summary =
    first === undefined
      ? `${outcomes.length - lost.length} steps done`
      : `${first.step.action} ${first.step.target}: ${first.message ?? 'failed'}`
  return {result, summary}
}
