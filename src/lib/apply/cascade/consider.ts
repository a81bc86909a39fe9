import type {CascadeMemory} from '../../model/cascade.js'
import {decideCascade, type Decision} from '../../plan/cascade/decide.js'
import type {World} from '../../plan/world.js'
import type {CascadeJob} from './hands.js'

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
