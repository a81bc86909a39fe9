import type {LogLine} from '../docker/engine.js'
import {isUp, type ObservedContainer, type ObservedStack} from '../model/container.js'
import {keptName, keptRepository} from '../model/image.js'
import type {StepOutcome, Action, Plan} from '../model/plan.js'
import {type DeclaredStack, withReferences} from '../model/stack.js'
import {apply} from '../stack/executor.js'
import type {Intent} from '../stack/snapshot.js'
import {withParking} from '../stack/stopped-for-repair.js'
import {judge, type Failure, type Judgement} from './evaluate.js'
import {planRollback} from './plan-rollback.js'
import type {ServiceUpdate, Transaction, Snapshot} from '../model/update.js'
import type {Performed, Settled} from '../stack/result.js'
import type {Work} from '../stack/step-handlers.js'

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
const failuresOf = (outcomes: readonly StepOutcome[]): Failure[] =>
  outcomes.flatMap(({step, result, message}) =>
    result === 'failed' ? [{service: step.target, message: message ?? `${step.action} failed`}] : [],
  )

function toUpdate({snapshot, is, imageId, digest, version}: Judgement): ServiceUpdate {
  const to = {reference: snapshot.to.reference, imageId, digest, version}
  return {service: snapshot.service, is: is === 'done' ? 'done' : 'current', from: snapshot.from, to}
}

/** Lines of a log that say why it did not pass. */
const LINES = 15

/** Takes services back to what ran before. First it is written down that they go back, and what is not to be tried again. */
export async function goBack(open: Open, wrong: readonly Judgement[], work: Work): Promise<Settled> {
  const {hands, signal} = work
  const {stack, transaction, intent} = open
  const failed = wrong.filter(({is}) => is === 'back')
  const logs = new Map(await Promise.all(failed.map(async (one) => [one.snapshot.service, await lastWords(one, stack, work)] as const)))
  const reasons = Object.fromEntries(wrong.map(({snapshot, reason}) => [snapshot.service, reason ?? '']))
  const services = wrong.map(({snapshot}) => snapshot)
  if (failed.length > 0)
    await hands.books.transactions.write(stack.project, {...transaction, phase: 'returning', services, reasons, ran: whoRan(wrong)})
  for (const one of failed) await reject(one, open, work)
  const old = withReferences(stack, new Map(transaction.services.map(({service, from}) => [service, from.reference])))
  const observed = await hands.engine.observe(old, {images: true}, signal)
  const lost = await lostImages(services, work)
  const plan = planRollback({stack: old, observed}, {snapshots: services, company: transaction.company, lost}, intent)
  const outcomes = await carryOut(plan, old, work)
  const after = await hands.engine.observe(old, {}, signal)
  const updates = wrong.map((one) => endOf(one, after, outcomes, logs.get(one.snapshot.service)))
  return {plans: plan.stages.length === 0 ? [] : [plan], outcomes, updates}
}

const whoRan = (wrong: readonly Judgement[]): string[] => wrong.flatMap(({ran, snapshot}) => (ran ? [snapshot.service] : []))

async function carryOut(plan: Plan, stack: DeclaredStack, {hands, reporter, signal}: Work): Promise<StepOutcome[]> {
  if (plan.stages.length === 0) return []
  reporter.planned(plan)
  return withParking(plan, stack, hands, () => apply(plan, stack, hands, reporter, signal))
}

/** So that no announcement and no cron job brings it again: only what was seen to run, and not to be well. */
async function reject({snapshot, imageId, digest, reason, ran}: Judgement, {stack}: Open, {hands}: Work): Promise<void> {
  if (!ran || imageId === snapshot.from.imageId || (imageId === undefined && digest === undefined)) return
  await hands.books.rejected.add({
    stack: stack.name,
    service: snapshot.service,
    reference: snapshot.to.reference,
    digest,
    imageId: imageId ?? '',
    at: hands.now(),
    reason: reason ?? '',
  })
}

/** Best effort: a log that cannot be read is no reason not to go back. */
async function lastWords({snapshot}: Judgement, stack: DeclaredStack, {hands, signal}: Work): Promise<string[]> {
  const options = {follow: false, lines: LINES, colour: false}
  const lines: LogLine[] = []
  try {
    for await (const line of hands.engine.logLines(stack, [snapshot.service], options, signal)) lines.push(line)
  } catch {
    return []
  }
  return lines.map(({text}) => hands.engine.conceal(text))
}

const runs = (container: ObservedContainer | undefined, imageId: string): boolean => isUp(container) && container?.imageId === imageId

/** What fails of these leaves the container as it is. */
const NAMING = new Set<Action>(['recover', 'tag', 'pin'])

function endOf(
  {snapshot, is, ran, reason, imageId, digest, version}: Judgement,
  {containers}: ObservedStack,
  outcomes: readonly StepOutcome[],
  log: readonly string[] | undefined,
): ServiceUpdate {
  const {service, from} = snapshot
  const to = {reference: snapshot.to.reference, imageId, digest, version}
  const own = outcomes.filter(({step, result}) => step.target === service && result === 'failed')
  const untouched = is === 'kept' && own.every(({step}) => NAMING.has(step.action))
  const words = [...(reason === undefined ? [] : [reason]), ...troubleOf(own, untouched)]
  const update = {service, from, to, reason: words.join(' '), ...(log !== undefined && log.length > 0 && {log})}
  const isWell = runs(containers.get(service), from.imageId) && (own.length === 0 || untouched)
  if (!isWell) return {...update, is: 'stranded', ...(!ran && {untried: true as const})}
  return {...update, is: is === 'kept' ? 'kept' : 'rolled-back'}
}

const troubleOf = (failed: readonly StepOutcome[], untouched: boolean): string[] =>
  failuresOf(failed)
    .slice(0, 1)
    .map(({message}) => `${untouched ? 'Its image could not be named as before' : 'The way back failed, too'}: ${message}`)

/** An update that has ended: the names that it gave are those of its operation. */
type Ended = {readonly stack: DeclaredStack; readonly transaction: Pick<Transaction, 'op'>; readonly intent: Pick<Intent, 'renewal'>}

/** Lets go of images that nobody goes back to any more. Best effort: the update itself is done. */
export async function prune({stack, transaction, intent}: Ended, updates: readonly ServiceUpdate[], work: Work): Promise<void> {
  const {renewal} = intent
  for (const update of updates) {
    try {
      if (update.is === 'done' && renewal !== undefined) await pruneKept(stack, update, renewal.keep, work)
      if (update.is === 'rolled-back' && update.to.imageId !== undefined) await work.hands.engine.untag(update.to.imageId)
      if (NOTHING_NEW.has(update.is)) await release(keptName(stack.project, update.service, transaction.op), work)
    } catch (error) {
      work.hands.warn(`Old images of ${update.service} could not be removed: ${(error as Error).message}`)
    }
  }
}

const NOTHING_NEW = new Set<ServiceUpdate['is']>(['current', 'kept', 'rolled-back'])

/** The newest names stay, of as many other images as are kept. */
async function pruneKept({project}: DeclaredStack, {service, to}: ServiceUpdate, keep: number, {hands, signal}: Work): Promise<void> {
  const repository = keptRepository(project, service)
  const images = await hands.engine.images(repository, signal)
  const names = images.flatMap(({id, references}) =>
    references.filter((reference) => reference.startsWith(`${repository}:`)).map((reference) => ({id, reference})),
  )
  const kept = new Set<string>()
  for (const {id, reference} of names.toSorted((a, b) => b.reference.localeCompare(a.reference))) {
    const stays = id !== to.imageId && !kept.has(id) && kept.size < keep
    if (stays) kept.add(id)
    else await hands.engine.untag(reference)
  }
}

/**
 * Takes a name of ours off an image that has another one: with its last name an image may go, also one that a container
 * runs (the containerd image store, Docker 26.1.5). @returns For people, where it stays.
 */
export async function release(reference: string, {hands, signal}: Pick<Work, 'hands' | 'signal'>): Promise<string | undefined> {
  const image = await hands.engine.image(reference, signal)
  if (image === undefined) return undefined
  if (!image.references.some((name) => name !== reference)) return 'its tag names another image now, and the name stays'
  await hands.engine.untag(reference)
  return undefined
}

/** Services whose old image is not on this machine any more: pruned meanwhile, or dropped when its tag moved. */
export async function lostImages(services: readonly Snapshot[], {hands, signal}: Pick<Work, 'hands' | 'signal'>): Promise<Set<string>> {
  const looks = services.map(async ({service, from}) => ((await hands.engine.image(from.imageId, signal)) === undefined ? [service] : []))
  return new Set((await Promise.all(looks)).flat())
}
