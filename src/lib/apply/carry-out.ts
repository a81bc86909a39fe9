import type {DeclaredStack, StackFiles} from '../model/declared.js'
import type {ObservedStack} from '../model/observed.js'
import {stepsOf, type Plan} from '../model/plan.js'
import {selectServices} from '../plan/select.js'
import type {Intent, World} from '../plan/world.js'
import {apply} from './apply.js'
import {booked, type Booked} from './booked.js'
import {imageChanges, unproven, type ImageChange} from './image-changes.js'
import {withParking} from './parking.js'
import type {Reporter, StepOutcome} from './report.js'
import type {Hands} from './stage.js'
import {VERBS, type ChangingVerb} from './verbs.js'

export type Order = {
  readonly files: StackFiles
  readonly verb: ChangingVerb
  readonly intent: Intent
  /** Plan, and change nothing. */
  readonly dryRun: boolean
}

/** What became of one stack. */
export type StackResult = {
  readonly stack: string
  readonly verb: ChangingVerb
  readonly dryRun: boolean
  /** One, or two if a pull had to tell what is new. */
  readonly plans: readonly Plan[]
  readonly outcomes: readonly StepOutcome[]
  readonly changes: readonly ImageChange[]
}

/**
 * Observe, plan, apply, for one stack.
 * @throws OperatorError if it could not even be planned; what fails later stands in the outcomes.
 */
export async function carryOut(order: Order, hands: Hands, reporter: Reporter, signal: AbortSignal): Promise<StackResult> {
  const stack = await declareFor(order.files, hands, signal)
  selectServices(stack, order.intent.services) // a wrong name need not wait for anybody
  const work = (): Promise<StackResult> => carryOutAlone(order, stack, hands, reporter, signal)
  return order.dryRun ? work() : hands.exclusively(stack.project, `homelab stack ${stack.name} ${order.verb}`, work)
}

/** Looks only now: what another command did to the stack while we waited for it has to be seen. */
async function carryOutAlone(
  order: Order,
  stack: DeclaredStack,
  hands: Hands,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<StackResult> {
  const {verb, intent, dryRun} = order
  const look = VERBS[verb].look(selectServices(stack, intent.services))
  const before = await hands.engine.observe(stack, look, signal)
  const world: World = {stack, observed: before}
  const plan = VERBS[verb].plan(world, intent)
  reporter.planned(plan)
  const result = {stack: stack.name, verb, dryRun}
  if (dryRun) return {...result, plans: [plan], outcomes: [], changes: []}
  const book = booked(
    {stack: stack.name, verb, trigger: `homelab stack ${[stack.name, verb, ...intent.services].join(' ')}`},
    hands,
    reporter,
  )
  const work: Work = {hands, book, signal}
  const outcomes = await carryOutPlan(plan, stack, work)
  const second = plan.lookAgain && !signal.aborted ? await goOn(order, world, plan, outcomes, work) : undefined
  const all = [...outcomes, ...(second?.outcomes ?? [])]
  await book.ended(all)
  const changes = verb === 'update' ? await changesSince(world, before, all, hands, signal) : {changes: [], doubts: []}
  return {...result, plans: [plan, ...(second ? [second.plan] : [])], outcomes: [...all, ...changes.doubts], changes: changes.changes}
}

type Work = {readonly hands: Hands; readonly book: Booked; readonly signal: AbortSignal}

/** Written down before it is done: the operation, and what it takes down for a time. */
async function carryOutPlan(plan: Plan, stack: DeclaredStack, {hands, book, signal}: Work): Promise<StepOutcome[]> {
  await book.planned(plan)
  return withParking(plan, stack, hands, () => apply(plan, stack, hands, book.reporter, signal))
}

/** Both at once; that Compose is too old comes before what an old Compose thinks of the files. */
async function declareFor(files: StackFiles, {engine}: Hands, signal: AbortSignal): Promise<DeclaredStack> {
  const [declared, versions] = await Promise.allSettled([engine.declare(files, signal), engine.requireVersions(signal)])
  if (versions.status === 'rejected') throw versions.reason
  if (declared.status === 'rejected') throw declared.reason
  return declared.value
}

/** After a pull that had to tell what is new: the same question again, about what has not failed. */
async function goOn(order: Order, {stack}: World, first: Plan, outcomes: readonly StepOutcome[], work: Work) {
  const {hands, book, signal} = work
  const failed = new Set(outcomes.filter(({result}) => result !== 'done').map(({step}) => step.target))
  const services = selectServices(stack, order.intent.services).filter((name) => !failed.has(name))
  if (services.length === 0) return undefined
  const pulled = new Set(stepsOf(first).flatMap((step) => (step.action === 'pull' && step.image !== undefined ? [step.image] : [])))
  const observed = await hands.engine.observe(stack, {images: true, hashes: true}, signal)
  const plan = VERBS[order.verb].plan({stack, observed}, {...order.intent, services, pulled, force: false})
  book.reporter.planned(plan)
  return {plan, outcomes: await carryOutPlan(plan, stack, work)}
}

/** Old → new image per service, and the proof that what runs is what was pulled. */
async function changesSince(world: World, before: ObservedStack, outcomes: readonly StepOutcome[], hands: Hands, signal: AbortSignal) {
  if (signal.aborted || !outcomes.some(({step}) => step.action === 'recreate')) return {changes: [], doubts: []}
  const after = await hands.engine.observe(world.stack, {images: true}, signal)
  return {changes: imageChanges(before, after), doubts: unproven(world.stack, after, outcomes)}
}
