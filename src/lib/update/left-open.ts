import {type DeclaredStack, withReferences} from '../model/stack.js'
import {isUp} from '../model/container.js'
import type {Transaction} from '../model/update.js'
import {planPutBack} from './plan-rollback.js'
import type {Intent, Renewal} from '../stack/snapshot.js'
import {apply} from '../stack/executor.js'
import {recorder, recording} from '../journal/recorder.js'
import {bringToEnd} from './resume.js'
import {lostImages} from './finish.js'
import type {Performed, Settled} from '../stack/result.js'
import type {Work} from '../stack/step-handlers.js'
import type {ChangingVerb} from '../model/plan.js'

type Asked = {
  readonly verb: ChangingVerb
  readonly intent: Intent
  /** How the services of the stack are brought to a new image; it is asked only if there is something to bring to its end. */
  readonly resume?: ((stack: DeclaredStack) => Promise<Renewal>) | undefined
}

const ENDING = new Set<ChangingVerb>(['stop', 'down'])

/**
 * What an update of this stack left in the middle is brought to its end before anything else is done, whoever began it. To
 * take services down may not have to wait for that: see `putAway`. The caller holds the stack's lock.
 */
export async function endOpenUpdate(stack: DeclaredStack, {verb, intent, resume}: Asked, work: Work): Promise<Settled | undefined> {
  if (ENDING.has(verb) || (await work.hands.books.transactions.read(stack.project)) === undefined) return undefined
  const renewal = intent.renewal ?? (await resume?.(stack))
  return bringToEnd(stack, {...intent, services: [], ...(renewal && {renewal})}, work)
}

/**
 * After `stop` and `down`: of an update that was left in the middle, what does not run any more goes back to what ran
 * before it, and is not started.
 */
export async function putAway(stack: DeclaredStack, {verb}: Pick<Asked, 'verb'>, work: Work): Promise<Performed> {
  const {hands, reporter, signal} = work
  const open = ENDING.has(verb) && !signal.aborted ? await hands.books.transactions.read(stack.project) : undefined
  if (open === undefined) return {plans: [], outcomes: []}
  const old = withReferences(stack, new Map(open.services.map(({service, from}) => [service, from.reference])))
  const observed = await hands.engine.observe(old, {images: true}, signal)
  const down = open.services.filter(({service}) => !isUp(observed.containers.get(service)))
  if (down.length === 0) return {plans: [], outcomes: []}
  const plan = planPutBack({stack: old, observed}, {snapshots: down, lost: await lostImages(down, work)})
  const book = recorder(hands.journal, {op: open.op, now: hands.now})
  const own = recording(reporter, book)
  if (plan.stages.length > 0) own.reporter.planned(plan)
  const outcomes = await apply(plan, old, hands, own.reporter, signal)
  await own.written()
  if (outcomes.every(({result}) => result === 'done')) await close(stack, open, down, work)
  return {plans: plan.stages.length === 0 ? [] : [plan], outcomes}
}

async function close(stack: DeclaredStack, open: Transaction, down: Transaction['services'], {hands}: Work): Promise<void> {
  const left = open.services.filter((snapshot) => !down.includes(snapshot))
  if (left.length > 0) return hands.books.transactions.write(stack.project, {...open, services: left})
  await hands.books.transactions.clear(stack.project)
  const names = down.map(({service}) => service).join(', ')
  const summary = `it was left in the middle, and ${names} was taken down: the old image is declared again`
  const seconds = (hands.now() - open.startedAt) / 1000
  await recorder(hands.journal, {op: open.op, now: hands.now}).ended({result: 'rolled-back', summary, seconds})
}
