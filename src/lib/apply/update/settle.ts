import type {DeclaredStack} from '../../model/declared.js'
import type {ServiceUpdate} from '../../model/service-update.js'
import type {Transaction} from '../../model/update.js'
import {judge, type Failure, type Judgement} from '../../plan/updates/judge.js'
import {withReferences} from '../../plan/updates/references.js'
import type {Intent} from '../../plan/world.js'
import type {StepOutcome} from '../report.js'
import {goBack} from './go-back.js'
import {prune} from './prune.js'
import type {Performed, Settled, Work} from './transaction.js'

/** A transaction whose steps are through. */
export type Open = {readonly stack: DeclaredStack; readonly transaction: Transaction; readonly intent: Intent}

/** Looks at what became of a transaction, takes back what did not pass, and closes it. */
export async function settle(open: Open, done: Performed, work: Work): Promise<Settled> {
  const {hands, signal} = work
  const {stack, transaction} = open
  const target = withReferences(stack, new Map(transaction.services.map(({service, to}) => [service, to.reference])))
  const after = await hands.engine.observe(target, {images: true}, signal)
  const judged = judge(stack, transaction.services, after, failuresOf(done.outcomes))
  const wrong = judged.filter(({is}) => is === 'back' || is === 'kept')
  const back = wrong.length === 0 ? {plans: [], outcomes: [], updates: []} : await goBack(open, wrong, work)
  if (!signal.aborted) await hands.books.transactions.clear(stack.project)
  const fine = judged.filter(({is}) => is === 'done' || is === 'current').map(toUpdate)
  const updates = [...fine, ...back.updates]
  await prune(open, updates, work)
  return {plans: [...done.plans, ...back.plans], outcomes: [...done.outcomes, ...back.outcomes], updates}
}

/** What was skipped or cancelled failed because of another. */
export const failuresOf = (outcomes: readonly StepOutcome[]): Failure[] =>
  outcomes.flatMap(({step, result, message}) =>
    result === 'failed' ? [{service: step.target, message: message ?? `${step.action} failed`}] : [],
  )

function toUpdate({snapshot, is, imageId, digest, version}: Judgement): ServiceUpdate {
  const to = {reference: snapshot.to.reference, imageId, digest, version}
  return {service: snapshot.service, is: is === 'done' ? 'done' : 'current', from: snapshot.from, to}
}
