import type {DeclaredStack, StackFiles} from '../model/declared.js'
import type {ObservedStack} from '../model/observed.js'
import {stepsOf, type Plan} from '../model/plan.js'
import {selectServices} from '../plan/select.js'
import type {Intent, World} from '../plan/world.js'
import {apply} from './apply.js'
import {imageChanges, unproven, type ImageChange} from './image-changes.js'
import {journalled} from './journalled.js'
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
  const {verb, intent, dryRun} = order
  const look = VERBS[verb].look(selectServices(stack, intent.services))
  const world: World = {stack, observed: await hands.engine.observe(stack, look, signal)}
  const plan = VERBS[verb].plan(world, intent)
  reporter.planned(plan)
  if (dryRun) return {stack: stack.name, verb, dryRun, plans: [plan], outcomes: [], changes: []}
  const operation = {plan, trigger: [words(order), ...intent.services].join(' '), signal}
  return journalled(operation, hands, reporter, (told) => perform(order, world, plan, {hands, reporter: told, signal}))
}

type Work = {readonly hands: Hands; readonly reporter: Reporter; readonly signal: AbortSignal}

async function perform(order: Order, world: World, plan: Plan, work: Work): Promise<StackResult> {
  const {hands, signal} = work
  const {verb, dryRun} = order
  const outcomes = await carryOutPlan(plan, world.stack, work)
  const second = plan.lookAgain && !signal.aborted ? await goOn(order, world, plan, outcomes, work) : undefined
  const all = [...outcomes, ...(second?.outcomes ?? [])]
  const changes = verb === 'update' ? await changesSince(world, world.observed, all, hands, signal) : {changes: [], doubts: []}
  const plans = [plan, ...(second ? [second.plan] : [])]
  return {stack: world.stack.name, verb, dryRun, plans, outcomes: [...all, ...changes.doubts], changes: changes.changes}
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
  reporter.planned(plan)
  return {plan, outcomes: await carryOutPlan(plan, stack, work)}
}

/** Old → new image per service, and the proof that what runs is what was pulled. */
async function changesSince(world: World, before: ObservedStack, outcomes: readonly StepOutcome[], hands: Hands, signal: AbortSignal) {
  if (signal.aborted || !outcomes.some(({step}) => step.action === 'recreate')) return {changes: [], doubts: []}
  const after = await hands.engine.observe(world.stack, {images: true}, signal)
  return {changes: imageChanges(before, after), doubts: unproven(world.stack, after, outcomes)}
}
