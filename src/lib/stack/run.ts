import type {Look} from '../docker/engine.js'
import {stepsOf, type Plan, type Reporter, type StepOutcome, type ChangingVerb} from '../model/plan.js'
import {type DeclaredStack, type StackFiles, withReferences} from '../model/stack.js'
import {apply} from './executor.js'
import {journalled} from './journaled.js'
import {withHost} from './observe-host.js'
import {planDown, planStop} from './plan-down.js'
import {planStart, planUp, planRestart} from './plan-up.js'
import {requireFirst} from './require-first.js'
import {imageChanges, unproven, type StackResult, type Performed, type Settled} from './result.js'
import {selectServices} from './select.js'
import type {Intent, Renewal, World} from './snapshot.js'
import type {Hands, Work} from './step-handlers.js'
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

/** An update as it was planned. */
export type PlannedUpdate = {
  /** As its files declare it now. */
  readonly stack: DeclaredStack
  /** As it is to be. */
  readonly world: World
  readonly plan: Plan
  readonly intent: Intent & {readonly renewal: Renewal}
  /** For people: the words of the command line. */
  readonly trigger: string
}

/** What only updates know, and every verb has to heed: update/run.ts gives it. */
export type UpdateHalf = {
  readonly verbs: Readonly<Record<'pull' | 'update', Verb>>
  /** What an update left in the middle is brought to its end first. */
  readonly endOpen: (stack: DeclaredStack, order: Order, work: Work) => Promise<Settled | undefined>
  /** After `stop` and `down`: what does not run any more goes back to what ran before it. */
  readonly putAway: (stack: DeclaredStack, order: Order, work: Work) => Promise<Performed>
  readonly inTransaction: (planned: PlannedUpdate, work: Work, run: () => Promise<Performed>) => Promise<Settled>
}

/**
 * Observe, plan, apply, for one stack.
 * @throws OperatorError if it could not even be planned; what fails later stands in the outcomes.
 */
export async function runStack(order: Order, updates: UpdateHalf, {hands, reporter, signal}: Work): Promise<StackResult> {
  const stack = await declareFor(order.files, hands, signal)
  selectServices(stack, order.intent.services) // a wrong name need not wait for anybody
  const work = (): Promise<StackResult> => runAlone(order, stack, updates, {hands, reporter, signal})
  return order.dryRun ? work() : hands.exclusively(stack.project, words(order), work)
}

const words = ({files, verb}: Order): string => `homelab stack ${files.name} ${verb}`

/** Looks only now: what another command did to the stack while we waited for it has to be seen. */
async function runAlone(order: Order, stack: DeclaredStack, updates: UpdateHalf, {hands, reporter, signal}: Work): Promise<StackResult> {
  const {verb, dryRun} = order
  if (order.by?.is === 'watch') await requireNobodyParked(stack, hands)
  const intent = await intentFor(order, stack, hands)
  const left = dryRun ? undefined : await updates.endOpen(stack, {...order, intent}, {hands, reporter, signal})
  const target = withReferences(stack, intent.renewal?.references ?? new Map())
  const {look, plan: planOf} = verbOf(verb, updates)
  const seen = await hands.engine.observe(target, look(selectServices(stack, intent.services)), signal)
  const world = await worldFor(order, {stack: target, observed: seen}, hands, signal)
  const plan = planOf(world, intent)
  await requireFirst(plan, stack, order.all ?? [], hands.engine, signal)
  reporter.planned(plan)
  if (dryRun) return {stack: stack.name, verb, dryRun, plans: [plan], outcomes: [], changes: [], updates: []}
  const operation = {...origin({...order, intent}, hands), plan, signal}
  const planned = {stack, world, plan, updates}
  const work = (told: Reporter): Promise<StackResult> => perform({...order, intent}, planned, {hands, reporter: told, signal})
  const done = withLeft(left, await journalled(operation, hands, reporter, work))
  const away = await updates.putAway(stack, order, {hands, reporter, signal})
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

type Planned = {readonly stack: DeclaredStack; readonly world: World; readonly plan: Plan; readonly updates: UpdateHalf}

async function perform(order: Order, {stack, world, plan, updates}: Planned, work: Work): Promise<StackResult> {
  const {hands, signal} = work
  const {verb, dryRun, intent} = order
  const {renewal} = intent
  const run = (): Promise<Performed> => performPlans(order, {stack, world, plan, updates}, work)
  const trigger = order.by?.trigger ?? words(order)
  const done: Settled =
    renewal === undefined
      ? {...(await run()), updates: []}
      : await updates.inTransaction({stack, world, plan, intent: {...intent, renewal}, trigger}, work, run)
  const changes = verb === 'update' ? await changesSince(world, done, hands, signal) : {changes: [], doubts: []}
  return {stack: stack.name, verb, dryRun, ...done, outcomes: [...done.outcomes, ...changes.doubts], changes: changes.changes}
}

async function performPlans(order: Order, planned: Planned, work: Work): Promise<Performed> {
  const {world, plan} = planned
  const outcomes = await carryOutPlan(plan, world.stack, work)
  const second = plan.lookAgain && !work.signal.aborted ? await goOn(order, planned, outcomes, work) : undefined
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
async function goOn(order: Order, planned: Planned, outcomes: readonly StepOutcome[], work: Work) {
  const {stack} = planned.world
  const {hands, reporter, signal} = work
  const failed = new Set(outcomes.filter(({result}) => result !== 'done').map(({step}) => step.target))
  const services = selectServices(stack, order.intent.services).filter((name) => !failed.has(name))
  if (services.length === 0) return undefined
  const pulled = new Set(stepsOf(planned.plan).flatMap((step) => (step.action === 'pull' && step.image !== undefined ? [step.image] : [])))
  const observed = await hands.engine.observe(stack, {images: true, hashes: true}, signal)
  const plan = verbOf(order.verb, planned.updates).plan({stack, observed}, {...order.intent, services, pulled, force: false})
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

/** What a verb has to see, and who plans it. */
type Verb = {
  readonly look: (services: readonly string[]) => Look
  readonly plan: (world: World, intent: Intent) => Plan
}

const containersOnly = (): Look => ({})
const local = (): Look => ({images: true})
const drift = (): Look => ({images: true, hashes: true})

const VERBS: Readonly<Record<Exclude<ChangingVerb, 'pull' | 'update'>, Verb>> = {
  up: {look: drift, plan: planUp},
  down: {look: containersOnly, plan: planDown},
  start: {look: local, plan: planStart},
  stop: {look: containersOnly, plan: planStop},
  restart: {look: local, plan: planRestart},
}

export const verbOf = (verb: ChangingVerb, {verbs}: UpdateHalf): Verb => ({...VERBS, ...verbs})[verb]
