import {attachment} from '../model/gateway.js'
import {dependentsOf, gatewaysOf, requirementsOf} from '../model/stack.js'
import {isReady, isUp, type ObservedContainer, couldNotStart} from '../model/container.js'
import {treatStopped, type Treatment} from './reconcile.js'
import type {World} from './snapshot.js'

/** Who has to come along when a service is treated. */

/**
 * Everybody: what a treated service requires, and what lives behind a treated gateway, also behind one that came along
 * itself only because somebody requires it.
 */
export function withCompany(world: World, treatments: readonly Treatment[], who: Followers): Treatment[] {
  const wanted = withRequirements(world, withDependents(world, treatments, who))
  const all = withDependents(world, wanted, 'running')
  return all.length === wanted.length ? all : withRequirements(world, all)
}

/** Which dependents follow their gateway: those that run or should (`running`), or all active ones (`all`). */
export type Followers = 'running' | 'all'

/** A gateway's treatment ends its network namespace, so its dependents are treated too. */
function withDependents(world: World, treatments: readonly Treatment[], who: Followers): Treatment[] {
  const treated = new Map(treatments.map((treatment) => [treatment.service, treatment]))
  const followers = gatewaysOf(world.stack)
    .flatMap((gateway) => treated.get(gateway) ?? [])
    .flatMap((gateway) => followersOf(world, gateway, who, treated))
  const result = new Map([...treated, ...followers.map((follower) => [follower.service, follower] as const)])
  return [...result.values()]
}

function followersOf(world: World, gateway: Treatment, who: Followers, treated: ReadonlyMap<string, Treatment>): Treatment[] {
  return dependentsOf(world.stack, gateway.service)
    .filter(({name, active}) => treated.has(name) || (who === 'all' && active) || shouldRun(world, name))
    .map(({name}) => follow(world, gateway, name, treated.get(name)))
}

/** It runs, or Docker ended it against its operator's will. */
function shouldRun(world: World, name: string): boolean {
  const container = world.observed.containers.get(name)
  return container !== undefined && (isUp(container) || couldNotStart(container))
}

function follow(world: World, gateway: Treatment, name: string, own: Treatment | undefined): Treatment {
  const container = world.observed.containers.get(name)
  if (container === undefined) return {service: name, action: 'create', reason: own?.reason ?? 'it has no container yet'}
  if (own?.action === 'recreate') return own
  const lost = lostGateway(world, gateway, container)
  if (lost !== undefined) return {service: name, action: 'recreate', reason: lost}
  const action = isUp(container) || container.state === 'paused' ? 'restart' : 'start'
  return {service: name, action, reason: `it lives in ${gateway.service}'s network namespace`}
}

/** Why a dependent cannot join its gateway again without being recreated. */
function lostGateway(world: World, {service, action}: Treatment, dependent: ObservedContainer): string | undefined {
  if (action === 'create' || action === 'recreate') return `${service} gets a new container`
  const orphaned = attachment(dependent, world.observed.containers.get(service)) === 'orphaned'
  return orphaned ? `it belongs to a ${service} container that is gone` : undefined
}

/** What a treated service requires and what does not run is started first, as `docker compose up` does. */
function withRequirements(world: World, treatments: readonly Treatment[]): Treatment[] {
  const result = new Map(treatments.map((treatment) => [treatment.service, treatment]))
  const queue = [...treatments]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const required of missingRequirements(world, next.service)) {
      if (result.has(required.service)) continue
      const fitting = behindGateway(world, result, required)
      result.set(required.service, fitting)
      queue.push(fitting)
    }
  }
  return [...result.values()]
}

/** One whose gateway gets a new container cannot be started as it is. */
function behindGateway(world: World, treated: ReadonlyMap<string, Treatment>, required: Treatment): Treatment {
  const gateway = treated.get(world.stack.services.get(required.service)?.gateway ?? '')
  return gateway === undefined ? required : follow(world, gateway, required.service, required)
}

function missingRequirements(world: World, name: string): Treatment[] {
  const service = world.stack.services.get(name)
  if (service === undefined) return []
  return requirementsOf(service)
    .filter((dependency) => dependency.condition !== 'service_completed_successfully')
    .filter((dependency) => !isUp(world.observed.containers.get(dependency.service)))
    .flatMap((dependency) => treatStopped(world, dependency.service) ?? [])
    .map((treatment) => ({...treatment, reason: `${name} needs it, and ${treatment.reason}`}))
}

/** Requirements that run, are not treated, and are not healthy yet: to be waited for before `names` start. */
export function unreadyRequirements(world: World, names: readonly string[]): {service: string; for: string}[] {
  const found = new Map<string, string>()
  for (const name of names) {
    const service = world.stack.services.get(name)
    for (const dependency of service ? requirementsOf(service) : []) {
      if (names.includes(dependency.service) || dependency.condition !== 'service_healthy') continue
      if (!isReady(world.observed.containers.get(dependency.service))) found.set(dependency.service, name)
    }
  }
  return [...found].map(([service, needed]) => ({service, for: needed}))
}
