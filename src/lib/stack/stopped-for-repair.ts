import {dependentsOf, gatewaysOf, type DeclaredStack} from '../model/stack.js'
import {isUp} from '../model/container.js'
import {exitCode, OperatorError} from '../util/errors.js'
import {stepsOf, type Action, type Plan, type StepOutcome} from '../model/plan.js'
import type {Hands} from './step-handlers.js'
import type {CascadeMemory, Parked} from '../model/cascade.js'

/**
 * Runs a plan with what it takes down for a time written down first, so that a kill in the middle is mended by the next
 * cascade. What a person asked to be stopped is written down no more.
 */
export async function withParking(
  plan: Plan,
  stack: DeclaredStack,
  hands: Hands,
  work: () => Promise<StepOutcome[]>,
): Promise<StepOutcome[]> {
  if (gatewaysOf(stack).length === 0) return work()
  const before = await hands.memory.read(stack.project)
  const parked = parkedBy(plan, stack, before, hands.now())
  if (parked.parked.length > before.parked.length) await hands.memory.write(stack.project, parked)
  const outcomes = await work()
  const after = unparkedBy(plan, outcomes, {
    ...parked,
    parked: parked.parked.filter((entry) => before.parked.includes(entry) || wasTaken(entry, outcomes)),
  })
  if (after.parked.length < parked.parked.length) await hands.memory.write(stack.project, after)
  return outcomes
}

/** Somebody whose image could not be pulled was never taken down. */
const wasTaken = ({service}: Parked, outcomes: readonly StepOutcome[]): boolean =>
  outcomes.some(({step, result, seconds}) => step.target === service && TAKING.has(step.action) && (result !== 'skipped' || seconds > 0))

const TAKING = new Set<Action>(['recreate', 'restart', 'stop'])

/** Everybody who is taken down by a step of the plan and brought back by it or a later one. Pure. */
export function parkedBy(plan: Plan, stack: DeclaredStack, memory: CascadeMemory, now: number): CascadeMemory {
  const concerned = new Set(gatewaysOf(stack).flatMap((gateway) => [gateway, ...dependentsOf(stack, gateway).map(({name}) => name)]))
  const taken = stepsOf(plan).filter(({action, container}) => TAKING.has(action) && container !== undefined)
  const returning = new Set(
    stepsOf(plan).flatMap(({action, target}) => (action === 'recreate' || action === 'restart' || action === 'start' ? [target] : [])),
  )
  const fresh = taken
    .filter(({target}) => concerned.has(target) && returning.has(target) && !memory.parked.some(({service}) => service === target))
    .map(({target, reason}): Parked => ({service: target, reason, since: now}))
  const unique = new Map(fresh.map((entry) => [entry.service, entry]))
  return {...memory, parked: [...memory.parked, ...unique.values()]}
}

/** Who was started again, or stopped because somebody wanted it so, is parked no more. Pure. */
export function unparkedBy(plan: Plan, outcomes: readonly StepOutcome[], memory: CascadeMemory): CascadeMemory {
  const ending = plan.verb === 'stop' || plan.verb === 'down'
  const targets = ending ? stepsOf(plan).map(({target}) => target) : []
  const untouched = ending ? plan.untouched.map(({service}) => service) : []
  const started = outcomes.filter(({step, result}) => result === 'done' && ['recreate', 'restart', 'start', 'create'].includes(step.action))
  const settled = new Set([...targets, ...untouched, ...started.map(({step}) => step.target)])
  return {...memory, parked: memory.parked.filter(({service}) => !settled.has(service))}
}

/** After an operation was brought to its end that had been killed: whoever runs again is parked no more. */
export async function unparkRunning(stack: DeclaredStack, {engine, memory}: Hands, signal: AbortSignal): Promise<void> {
  const before = await memory.read(stack.project)
  if (before.parked.length === 0) return
  const {containers} = await engine.observe(stack, {partial: true}, signal)
  const parked = before.parked.filter(({service}) => !isUp(containers.get(service)))
  if (parked.length < before.parked.length) await memory.write(stack.project, {...before, parked})
}

/**
 * Who waits for a gateway does not run, and is not stopped by anybody: an update that nobody watches comes after the cascade.
 * @throws OperatorError (75)
 */
export async function requireNobodyParked({name, project}: DeclaredStack, {memory}: Hands): Promise<void> {
  const {parked} = await memory.read(project)
  if (parked.length > 0)
    throw new OperatorError(`${parked.map(({service}) => service).join(', ')} of ${name} wait for their gateway.`, {
      exitCode: exitCode.busy,
    })
}
