import type {Notifier} from '../model/notification.js'
import type {Reporter} from '../model/plan.js'
import type {DeclaredStack} from '../model/stack.js'
import type {World} from '../stack/snapshot.js'
import type {Hands} from '../stack/step-handlers.js'
import {type Decision, decideCascade} from './decide.js'
import type {CascadeRules, CascadeMemory} from '../model/cascade.js'

/** What cascades are carried out with. */
export type CascadeHands = Hands & {
  readonly notifier: Notifier
}

/** Whose services are to be kept behind their gateway, and how. */
export type CascadeOrder = {
  readonly stack: DeclaredStack
  readonly rules: CascadeRules
  /** Also while cascades are paused, and also what looks fine. */
  readonly force: boolean
  readonly by: 'watch' | 'command'
}

/** Everything that one pass is given. */
export type CascadeJob = {
  readonly order: CascadeOrder
  readonly hands: CascadeHands
  readonly reporter: Reporter
  readonly signal: AbortSignal
  /** Who waits for a first look: it comes before the lock, which another may hold for minutes, and before anything is done. */
  readonly onLook?: (phase: Decision['phase']) => void
}

/** Runs the work with the stack's lock. */
export const withStack = <T>({order, hands}: CascadeJob, work: () => Promise<T>): Promise<T> =>
  hands.exclusively(order.stack.project, `homelab cascade of ${order.stack.name}`, work)

/** What was seen, what was remembered, and what follows from both. */
export type Consideration = {
  readonly world: World
  readonly remembered: CascadeMemory
  readonly decision: Decision
  /** The decision has something to be written down. */
  readonly changed: boolean
}

/** Looks and decides; changes nothing. @throws OperatorError if Docker does not answer. */
export async function consider({order, hands, signal}: Pick<CascadeJob, 'order' | 'hands' | 'signal'>): Promise<Consideration> {
  const {stack, rules, force, by} = order
  const [observed, remembered] = await Promise.all([hands.engine.observe(stack, {partial: true}, signal), hands.memory.read(stack.project)])
  const world = {stack, observed}
  const decision = decideCascade(world, remembered, {rules, now: hands.now(), op: hands.newOperation(), force, byHand: by === 'command'})
  return {
    world,
    remembered,
    decision: lookingAgain(world, decision),
    changed: JSON.stringify(decision.memory) !== JSON.stringify(remembered),
  }
}

/** Of one that Docker is at work on, milliseconds: it may be up by then, and it may have stayed down. */
const BRIEF_MS = 1_000

function lookingAgain({observed}: World, decision: Decision): Decision {
  const brief = [...observed.containers.values()].some((container) => container.brief)
  return brief ? {...decision, recheckMs: Math.min(decision.recheckMs ?? BRIEF_MS, BRIEF_MS)} : decision
}
