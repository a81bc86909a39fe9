import {requirementsOf} from '../model/declared.js'
import {isUp} from '../model/observed.js'
import type {Stage, Step} from '../model/plan.js'
import {unreadyRequirements} from './company.js'
import {levels, requirements} from './order.js'
import type {Treatment} from './treatment.js'
import type {Intent, World} from './world.js'

/**
 * Puts treatments into an order that never starts a service before what it requires is healthy: dependents of a gateway
 * that goes away are stopped first, all at once; then level by level; then everything is waited for.
 */
export function sequence(world: World, treatments: readonly Treatment[], intent: Intent): Stage[] {
  const byName = new Map(treatments.map((treatment) => [treatment.service, treatment]))
  const names = [...byName.keys()]
  const leaving = parking(world, byName)
  const parked = new Set(leaving.map((step) => step.target))
  const stages: Stage[] = [readyFirst(world, names, intent), leaving]
  for (const level of levels(world.stack, names)) {
    const treated = level.flatMap((name) => byName.get(name) ?? [])
    stages.push(treated.map((treatment) => ({...toStep(world, treatment, parked), ...guard(world, treatment, intent)})))
    const awaited = level.filter((name) => isAwaited(world, name, names))
    stages.push(awaited.map((name) => waitStep(name, intent, gateReason(world, name))))
  }
  const last = names.filter((name) => !isAwaited(world, name, names))
  if (!intent.noWait) stages.push(last.map((name) => waitStep(name, intent, 'a start is only done when it is healthy')))
  return stages
    .filter((stage) => stage.length > 0)
    .map((stage) => stage.map((step) => (parked.has(step.target) ? {...step, regardless: true} : step)))
}

function readyFirst(world: World, names: readonly string[], intent: Intent): Step[] {
  return unreadyRequirements(world, names).map(({service, for: needed}) =>
    waitStep(service, intent, `${needed} may not start before it is healthy`),
  )
}

function parking(world: World, treatments: ReadonlyMap<string, Treatment>): Step[] {
  return [...treatments.keys()].flatMap((name) => {
    const gateway = world.stack.services.get(name)?.gateway
    const container = world.observed.containers.get(name)
    if (gateway === undefined || container === undefined || !treatments.has(gateway) || !isUp(container)) return []
    const reason = `it lives in ${gateway}'s network namespace, which goes away`
    return [{action: 'stop', target: name, reason, needs: [gateway], regardless: true, container: container.id} satisfies Step]
  })
}

function toStep(world: World, treatment: Treatment, parked: ReadonlySet<string>): Step {
  const {service, reason} = treatment
  const container = world.observed.containers.get(service)
  // What was stopped a stage before only has to be started again.
  const action = treatment.action === 'restart' && parked.has(service) ? 'start' : treatment.action
  return {action, target: service, reason, needs: requirements(world.stack, service), ...(container && {container: container.id})}
}

/** Nothing starts behind a gateway that is not healthy, not even one that was so a moment ago. */
function guard({stack}: World, {service}: Treatment, {limits}: Intent): Pick<Step, 'guard'> {
  const gateway = stack.services.get(service)?.gateway
  return gateway === undefined ? {} : {guard: {gateway, limit: limits.healthy}}
}

export const waitStep = (name: string, intent: Intent, reason: string): Step => ({
  action: 'wait',
  target: name,
  reason,
  needs: [],
  limit: intent.limits.healthy,
})

const isAwaited = (world: World, name: string, names: readonly string[]): boolean =>
  names.some((other) => {
    const service = world.stack.services.get(other)
    return (
      service !== undefined &&
      requirementsOf(service).some((dependency) => dependency.service === name && dependency.condition === 'service_healthy')
    )
  })

const gateReason = (world: World, name: string): string =>
  [...world.stack.services.values()].some((service) => service.gateway === name)
    ? 'nothing starts behind it before its tunnel and firewall are up'
    : 'others start after it is healthy'
