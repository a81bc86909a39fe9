import type {Look} from '../docker/engine.js'
import {stepsOf, type Plan, type Reporter, type StepOutcome} from '../model/plan.js'
import {type DeclaredStack, type StackFiles, withReferences} from '../model/stack.js'
import {endOpenUpdate, putAway} from '../update/left-open.js'
import {planPull, planUpdate} from '../update/plan.js'
import {inTransaction, type Performed, type Settled, type Work} from '../update/transaction.js'
import type {ServiceUpdate} from '../update/types.js'
import {apply} from './executor.js'
import {journalled} from './journaled.js'
import {withHost} from './observe-host.js'
import {planDown, planStop} from './plan-down.js'
import {planStart, planUp, planRestart} from './plan-up.js'
import {requireFirst} from './require-first.js'
import {imageChanges, unproven, type ImageChange} from './result.js'
import {selectServices} from './select.js'
import type {Intent, Renewal, World} from './snapshot.js'
import type {Hands} from './step-handlers.js'
import {requireNobodyParked, withParking} from './stopped-for-repair.js'
import {withNeighbours} from './with-neighbours.js'

export type Order = {
  readonly files: StackFiles
  readonly verb: ChangingVerb
  readonly intent: Intent
  /** Every stack of the homelab. */
  readonly all?: readonly StackFiles[]
  /** Plan, and change nothing. */
  readonly dryRun: boolean
  /** For `update`: how the services of the stack as it is declared are brought to a new image. */
  readonly renewal?: (stack: DeclaredStack) => Promise<Renewal>
  /** How an update that was left in the middle is brought to its end, if `renewal` does not say it. */
  readonly resume?: (stack: DeclaredStack) => Promise<Renewal>
  /** Who asks; a command, unless something else is said, and in which words. */
  readonly by?: {readonly is: 'watch' | 'command'; readonly trigger: string}
}

/** What became of one stack. */
export type StackResult = {
  readonly stack: string
  readonly verb: ChangingVerb | 'rollback'
  readonly dryRun: boolean
  /** One, or two if a pull had to tell what is new. */
  readonly plans: readonly Plan[]
  readonly outcomes: readonly StepOutcome[]
  readonly changes: readonly ImageChange[]
  /** Of `update`: what became of each service whose image was to change. */
  readonly updates: readonly ServiceUpdate[]
}

/**
 * Observe, plan, apply, for one stack.
 * @throws OperatorError if it could not even be planned; what fails later stands in the outcomes.
 */
export async function carryOut(order: Order, hands: Hands, reporter: Reporter, signal: AbortSignal): Promise<StackResult> {
  const stack = await declareFor(order.files, hands, signal)
  selectServices(stack, order.intent.services) // a wrong name need not wait for anybody
  const work = (): Promise<StackResult> => carryOutAlone(order, stack, hands, reporter, signal)
  return order.dryRun ? work() : hands.exclusively(stack.project, words(order), work)
}

const words = ({files, verb}: Order): string => `homelab stack ${files.name} ${verb}`

/** Looks only now: what another command did to the stack while we waited for it has to be seen. */
async function carryOutAlone(
  order: Order,
  stack: DeclaredStack,
  hands: Hands,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<StackResult> {
  const {verb, dryRun} = order
  if (order.by?.is === 'watch') await requireNobodyParked(stack, hands)
  const intent = await intentFor(order, stack, hands)
  const left = dryRun ? undefined : await endOpenUpdate(stack, {...order, intent}, {hands, reporter, signal})
  const target = withReferences(stack, intent.renewal?.references ?? new Map())
  const look = VERBS[verb].look(selectServices(stack, intent.services))
  const world = await worldFor(order, {stack: target, observed: await hands.engine.observe(target, look, signal)}, hands, signal)
  const plan = VERBS[verb].plan(world, intent)
  await requireFirst(plan, stack, order.all ?? [], hands.engine, signal)
  reporter.planned(plan)
  if (dryRun) return {stack: stack.name, verb, dryRun, plans: [plan], outcomes: [], changes: [], updates: []}
  const operation = {...origin({...order, intent}, hands), plan, signal}
  const work = (told: Reporter): Promise<StackResult> => perform({...order, intent}, stack, world, plan, {hands, reporter: told, signal})
  const done = withLeft(left, await journalled(operation, hands, reporter, work))
  const away = await putAway(stack, order, {hands, reporter, signal})
  return {...done, plans: [...done.plans, ...away.plans], outcomes: [...done.outcomes, ...away.outcomes]}
}

/** What takes a whole stack down has to tell what is the neighbours'; what creates has to know what a first start needs. */
async function worldFor({verb, all = [], intent}: Order, world: World, {engine}: Hands, signal: AbortSignal): Promise<World> {
  if (verb === 'down' || verb === 'stop') return withNeighbours(world, all, (files) => engine.declare(files, signal))
  return withHost(world, intent.library ?? [], engine, signal)
}

/** Who asked, in which words, and what the operation is called. */
function origin(order: Order, {newOperation}: Hands): {trigger: string; by: 'command' | 'watch'; op: string} {
  const {by, intent} = order
  const op = intent.op ?? newOperation()
  return by === undefined
    ? {trigger: [words(order), ...intent.services].join(' '), by: 'command', op}
    : {trigger: by.trigger, by: by.is, op}
}

/** What an earlier operation left in the middle, and this one ended first. */
export const withLeft = (left: Settled | undefined, result: StackResult): StackResult =>
  left === undefined
    ? result
    : {
        ...result,
        plans: [...left.plans, ...result.plans],
        outcomes: [...left.outcomes, ...result.outcomes],
        updates: [...left.updates.filter(({service}) => !result.updates.some((one) => one.service === service)), ...result.updates],
      }

async function intentFor({intent, renewal}: Order, stack: DeclaredStack, {newOperation}: Hands): Promise<Intent> {
  const known = await renewal?.(stack)
  return {...intent, op: known?.op ?? newOperation(), ...(known && {renewal: known})}
}

async function perform(order: Order, stack: DeclaredStack, world: World, plan: Plan, work: Work): Promise<StackResult> {
  const {hands, signal} = work
  const {verb, dryRun, intent} = order
  const {renewal} = intent
  const run = (): Promise<Performed> => performPlans(order, world, plan, work)
  const trigger = order.by?.trigger ?? words(order)
  const done: Settled =
    renewal === undefined
      ? {...(await run()), updates: []}
      : await inTransaction({stack, world, plan, intent: {...intent, renewal}, trigger}, work, run)
  const changes = verb === 'update' ? await changesSince(world, done, hands, signal) : {changes: [], doubts: []}
  return {stack: stack.name, verb, dryRun, ...done, outcomes: [...done.outcomes, ...changes.doubts], changes: changes.changes}
}

async function performPlans(order: Order, world: World, plan: Plan, work: Work): Promise<Performed> {
  const outcomes = await carryOutPlan(plan, world.stack, work)
  const second = plan.lookAgain && !work.signal.aborted ? await goOn(order, world, plan, outcomes, work) : undefined
  return {plans: [plan, ...(second ? [second.plan] : [])], outcomes: [...outcomes, ...(second?.outcomes ?? [])]}
}

/** What it takes down for a time is written down before it is done. */
const carryOutPlan = (plan: Plan, stack: DeclaredStack, {hands, reporter, signal}: Work): Promise<StepOutcome[]> =>
  withParking(plan, stack, hands, () => apply(plan, stack, hands, reporter, signal))

/** Both at once; that Compose is too old comes before what an old Compose thinks of the files. */
async function declareFor(files: StackFiles, {engine}: Hands, signal: AbortSignal): Promise<DeclaredStack> {
  const [declared, versions] = await Promise.allSettled([engine.declare(files, signal), engine.requireVersions(signal)])
  if (versions.status === 'rejected') throw versions.reason
  if (declared.status === 'rejected') throw declared.reason
  return declared.value
}

/** After a pull that had to tell what is new: the same question again, about what has not failed. */
async function goOn(order: Order, {stack}: World, first: Plan, outcomes: readonly StepOutcome[], work: Work) {
  const {hands, reporter, signal} = work
  const failed = new Set(outcomes.filter(({result}) => result !== 'done').map(({step}) => step.target))
  const services = selectServices(stack, order.intent.services).filter((name) => !failed.has(name))
  if (services.length === 0) return undefined
  const pulled = new Set(stepsOf(first).flatMap((step) => (step.action === 'pull' && step.image !== undefined ? [step.image] : [])))
  const observed = await hands.engine.observe(stack, {images: true, hashes: true}, signal)
  const plan = VERBS[order.verb].plan({stack, observed}, {...order.intent, services, pulled, force: false})
  await requireFirst(plan, stack, order.all ?? [], hands.engine, signal)
  reporter.planned(plan)
  return {plan, outcomes: await carryOutPlan(plan, stack, work)}
}

/** Old → new image per service, and the proof that what runs is what was pulled. */
async function changesSince(world: World, {outcomes, updates}: Settled, hands: Hands, signal: AbortSignal) {
  const back = updates.some(({is}) => is === 'rolled-back' || is === 'stranded' || is === 'kept')
  if (signal.aborted || !outcomes.some(({step}) => step.action === 'recreate')) return {changes: [], doubts: []}
  const after = await hands.engine.observe(world.stack, {images: true}, signal)
  // What went back was looked at by the way back.
  return {changes: imageChanges(world.observed, after), doubts: back ? [] : unproven(world.stack, after, outcomes)}
}

export type ChangingVerb = 'up' | 'down' | 'start' | 'stop' | 'restart' | 'pull' | 'update'

/** What a verb has to see, and who plans it. */
type Verb = {
  readonly look: (services: readonly string[]) => Look
  readonly plan: (world: World, intent: Intent) => Plan
}

const containersOnly = (): Look => ({})
const local = (): Look => ({images: true})
const drift = (): Look => ({images: true, hashes: true})

export const VERBS: Readonly<Record<ChangingVerb, Verb>> = {
  up: {look: drift, plan: planUp},
  down: {look: containersOnly, plan: planDown},
  start: {look: local, plan: planStart},
  stop: {look: containersOnly, plan: planStop},
  restart: {look: local, plan: planRestart},
  pull: {look: (registries) => ({images: true, registries}), plan: planPull},
  update: {look: (registries) => ({images: true, hashes: true, registries}), plan: planUpdate},
}
