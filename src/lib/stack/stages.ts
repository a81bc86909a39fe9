import {isUp} from '../model/container.js'
import type {Stage, Step} from '../model/plan.js'
import {requirementsOf, type DeclaredStack, type SharedNetwork} from '../model/stack.js'
import {configurationError, OperatorError} from '../util/errors.js'
import {unreadyRequirements} from './dependents.js'
import {firstStartSteps} from './plan-first-start.js'
import type {Treatment} from './reconcile.js'
import type {Intent, World} from './snapshot.js'

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

/**
 * Groups `names` so that each service comes after everything it requires. Requirements outside of `names` do not count.
 * @throws OperatorError (exit 78) for a circle, which Compose refuses too.
 */
export function levels(stack: DeclaredStack, names: readonly string[]): string[][] {
  const left = new Set(names)
  const result: string[][] = []
  while (left.size > 0) {
    const level = [...left].filter((name) => requirements(stack, name).every((required) => !left.has(required)))
    if (level.length === 0) {
      throw configurationError(`The services ${[...left].join(', ')} of ${stack.name} wait for each other: depends_on has a circle.`)
    }
    for (const name of level) left.delete(name)
    result.push(level)
  }
  return result
}

function requirements(stack: DeclaredStack, name: string): string[] {
  const service = stack.services.get(name)
  return service === undefined ? [] : requirementsOf(service).map((dependency) => dependency.service)
}

/** What has to be there before containers are created. */
export function preparation(world: World, treatments: readonly Treatment[], library: readonly string[] = []): Stage[] {
  const first = treatments.filter(({action}) => action === 'create').map(({service}) => service)
  const creating = treatments.filter(({action}) => action === 'create' || action === 'recreate').map(({service}) => service)
  return [[...missingNetworks(world, treatments), ...firstStartSteps(world, first, library)], missingImages(world, creating)].filter(
    (stage) => stage.length > 0,
  )
}

/** @throws OperatorError if a network is missing that the files do not let us create. */
function missingNetworks(world: World, treatments: readonly Treatment[]): Step[] {
  const used = new Set(treatments.flatMap(({service}) => world.stack.services.get(service)?.networks ?? []))
  world.stack.sharedNetworks.filter(({name}) => used.has(name)).forEach((network) => refuseOtherSubnet(network, world))
  return world.stack.sharedNetworks
    .filter(({name}) => used.has(name) && !world.observed.networks.has(name))
    .map(({name, subnet}) => {
      if (subnet === undefined) throw unknownNetwork(world.stack.name, name)
      return {action: 'create-network', target: name, reason: 'the stacks share it, and it is missing', needs: [], subnet}
    })
}

/** The gateway's firewall lets out to the declared subnet: it must be the one that is there. */
function refuseOtherSubnet({name, subnet}: SharedNetwork, {observed}: World): void {
  const present = observed.subnets?.get(name) ?? []
  if (subnet === undefined || present.length === 0 || present.includes(subnet)) return
  throw configurationError(`The network ${name} has the subnet ${present.join(', ')}, and ${subnet} is declared. Nothing was done.`, [
    `Declare what is there: MEDIA_SUBNET=${present[0]} in compose/.env`,
    `or have it made anew: homelab stack all down, then docker network rm ${name}, then up`,
  ])
}

const unknownNetwork = (stack: string, name: string): OperatorError =>
  new OperatorError(`The stack ${stack} joins the external network "${name}", which does not exist. Nothing was done.`, {
    next: [
      `Create it: docker network create ${name}`,
      `or let homelab do it: declare its subnet in the Compose file, under "x-homelab: networks: ${name}: subnet:"`,
    ],
  })

function missingImages(world: World, services: readonly string[]): Step[] {
  return services.flatMap((name) => {
    const service = world.stack.services.get(name)
    if (service?.image === undefined || service.built) return []
    if (world.observed.images.get(service.image)?.id !== undefined) return []
    return [{action: 'pull', target: name, reason: 'its image is not on this machine', needs: [], image: service.image}]
  })
}
