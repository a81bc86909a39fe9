import {recorder, recording} from '../journal/recorder.js'
import {elapsed} from '../model/clock.js'
import {stepsOf, type Plan} from '../model/plan.js'
import {type DeclaredStack, withReferences} from '../model/stack.js'
import {apply} from '../stack/executor.js'
import {planUp} from '../stack/plan-up.js'
import type {Intent, World} from '../stack/snapshot.js'
import {waitStep} from '../stack/stages.js'
import {withParking, unparkRunning} from '../stack/stopped-for-repair.js'
import type {Judgement} from './evaluate.js'
import {goBack, prune, settle, type Open} from './finish.js'
import {withGate} from './plan-image-change.js'
import type {Snapshot, Transaction, ServiceUpdate} from '../model/update.js'
import type {Settled} from '../stack/result.js'
import type {Work} from '../stack/step-handlers.js'

/**
 * Brings a transaction to its end that a kill or a power cut left in the middle: to the new image where the service has
 * got it, back to the old one where it has not. The caller holds the stack's lock. @returns undefined: there is none.
 * @throws OperatorError (78) if what was written down cannot be read.
 */
async function resumeTransaction(stack: DeclaredStack, intent: Intent, work: Work): Promise<Settled | undefined> {
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

/**
 * As `resumeTransaction`, and writes it down: the operation that was left in the middle goes on in the journal, and ends.
 * @throws OperatorError (78) if what was written down cannot be read.
 */
export async function bringToEnd(stack: DeclaredStack, intent: Intent, work: Work): Promise<Settled | undefined> {
  const {hands, reporter, signal} = work
  const left = await hands.books.transactions.read(stack.project)
  if (left === undefined) return undefined
  const book = recorder(hands.journal, {op: left.op, now: hands.now})
  const own = recording(reporter, book)
  const settled = await resumeTransaction(stack, intent, {...work, reporter: own.reporter})
  await own.written()
  if (settled === undefined || signal.aborted) return settled
  await unparkRunning(stack, hands, signal)
  const seconds = elapsed(left.startedAt, hands.now()) / 1000
  await book.ended({result: resultOf(settled.updates), summary: summaryOf(settled.updates), seconds})
  return settled
}

const resultOf = (updates: readonly ServiceUpdate[]): 'done' | 'failed' | 'rolled-back' => {
  if (updates.some(({is}) => is === 'stranded')) return 'failed'
  return updates.some(({is}) => is === 'rolled-back' || is === 'kept') ? 'rolled-back' : 'done'
}

const WORDS: Readonly<Record<ServiceUpdate['is'], string>> = {
  done: 'runs its new image',
  current: 'runs its new image',
  kept: 'runs its old image',
  'rolled-back': 'went back to its old image',
  stranded: 'does not run well',
}

const summaryOf = (updates: readonly ServiceUpdate[]): string =>
  `it was left in the middle, and was brought to an end: ${updates.map(({service, is}) => `${service} ${WORDS[is]}`).join(', ')}`

/**
 * Brings an update to its end that was left in the middle: what has got its new image is waited for, with all who live
 * behind it, and asked once more whether it is well. @param reached Services that have it.
 */
function planResume(world: World, reached: readonly string[], company: readonly string[], intent: Intent): Plan {
  const services = [...reached, ...company.filter((name) => !reached.includes(name))]
  if (services.length === 0) return {stack: world.stack.name, verb: 'update', stages: [], untouched: [], notes: [], lookAgain: false}
  const up = planUp(world, {...intent, services, force: false})
  const waited = new Set(up.stages.flat().flatMap(({action, target}) => (action === 'wait' ? [target] : [])))
  const gate = reached.filter((name) => !waited.has(name)).map((name) => waitStep(name, intent, 'its update was left in the middle'))
  const stages = [...up.stages, gate]
  const gated = intent.renewal === undefined ? stages : withGate(stages, reached, reached, intent.renewal)
  return {...up, verb: 'update', stages: gated.filter((stage) => stage.length > 0), untouched: []}
}
