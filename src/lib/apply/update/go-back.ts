import type {LogLine} from '../../engine/engine.js'
import type {DeclaredStack} from '../../model/declared.js'
import {isUp, type ObservedContainer, type ObservedStack} from '../../model/observed.js'
import type {Action, Plan} from '../../model/plan.js'
import type {ServiceUpdate} from '../../model/service-update.js'
import type {Judgement} from '../../plan/updates/judge.js'
import {planRollback} from '../../plan/updates/rollback.js'
import {withReferences} from '../../plan/updates/references.js'
import {apply} from '../apply.js'
import {withParking} from '../parking.js'
import type {StepOutcome} from '../report.js'
import {lostImages} from './lost-images.js'
import {failuresOf, type Open} from './settle.js'
import type {Settled, Work} from './transaction.js'

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
