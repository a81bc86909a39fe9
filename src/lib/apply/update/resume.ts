import type {DeclaredStack} from '../../model/declared.js'
import {stepsOf} from '../../model/plan.js'
import type {Snapshot, Transaction} from '../../model/update.js'
import type {Judgement} from '../../plan/updates/judge.js'
import {planResume} from '../../plan/updates/resume.js'
import {withReferences} from '../../plan/updates/references.js'
import type {Intent} from '../../plan/world.js'
import {apply} from '../apply.js'
import {withParking} from '../parking.js'
import {goBack} from './go-back.js'
import {prune} from './prune.js'
import {settle, type Open} from './settle.js'
import type {Settled, Work} from './transaction.js'

/**
 * Brings a transaction to its end that a kill or a power cut left in the middle: to the new image where the service has
 * got it, back to the old one where it has not. The caller holds the stack's lock. @returns undefined: there is none.
 * @throws OperatorError (78) if what was written down cannot be read.
 */
export async function resumeTransaction(stack: DeclaredStack, intent: Intent, work: Work): Promise<Settled | undefined> {
  const {hands, signal} = work
  const transaction = await hands.books.transactions.read(stack.project)
  if (transaction === undefined) return undefined
  const old = withReferences(stack, new Map(transaction.services.map(({service, from}) => [service, from.reference])))
  const open = {stack: old, transaction, intent}
  if (transaction.phase === 'returning')
    return close(open, await goBack(open, transaction.services.map(returning(transaction)), work), work)
  const {containers} = await hands.engine.observe(stack, {}, signal)
  const reached = transaction.services.filter(({service, from}) => isRenewed(containers.get(service)?.imageId, from))
  const others = transaction.services.filter((snapshot) => !reached.includes(snapshot))
  const first = others.length === 0 ? undefined : await goBack(open, others.map(interrupted), work)
  if (reached.length === 0) return close(open, first, work)
  const second = await finish({...transaction, services: reached}, stack, intent, work)
  return joined(first, second)
}

const isRenewed = (imageId: string | undefined, from: Snapshot['from']): boolean => imageId !== undefined && imageId !== from.imageId

const nothing = {imageId: undefined, version: undefined}

const interrupted = (snapshot: Snapshot): Judgement => ({
  ...nothing,
  snapshot,
  is: 'kept',
  reason: 'it was interrupted before the new image ran',
  digest: snapshot.to.digest,
  ran: false,
})

const returning =
  ({reasons, ran}: Transaction) =>
  (snapshot: Snapshot): Judgement => ({
    ...nothing,
    snapshot,
    is: 'back',
    reason: reasons?.[snapshot.service],
    digest: snapshot.to.digest,
    // One of an older version of homelab does not say.
    ran: ran?.includes(snapshot.service) ?? true,
  })

async function close(open: Open, done: Settled | undefined, work: Work): Promise<Settled> {
  const {plans, outcomes, updates} = done ?? {plans: [], outcomes: [], updates: []}
  if (!work.signal.aborted) {
    await work.hands.books.transactions.clear(open.stack.project)
    await prune(open, updates, work)
  }
  return {plans, outcomes, updates}
}

/** The gate once more, for those that have their new image. */
async function finish(transaction: Transaction, stack: DeclaredStack, intent: Intent, work: Work): Promise<Settled> {
  const {hands, reporter, signal} = work
  const target = withReferences(stack, new Map(transaction.services.map(({service, to}) => [service, to.reference])))
  const old = withReferences(stack, new Map(transaction.services.map(({service, from}) => [service, from.reference])))
  const observed = await hands.engine.observe(target, {images: true, hashes: false}, signal)
  const reached = transaction.services.map(({service}) => service)
  const plan = planResume({stack: target, observed}, reached, transaction.company, intent)
  if (stepsOf(plan).length > 0) reporter.planned(plan)
  const outcomes = await withParking(plan, target, hands, () => apply(plan, target, hands, reporter, signal))
  if (signal.aborted) return {plans: [plan], outcomes, updates: []}
  return settle({stack: old, transaction, intent}, {plans: [plan], outcomes}, work)
}

const joined = (first: Settled | undefined, second: Settled): Settled => ({
  plans: [...(first?.plans ?? []), ...second.plans],
  outcomes: [...(first?.outcomes ?? []), ...second.outcomes],
  updates: [...(first?.updates ?? []), ...second.updates],
})
