import type {Engine} from '../docker/engine.js'
import {type ObservedContainer, type ObservedStack, couldNotStart} from '../model/container.js'
import {attachment, foreignHost, leftAs} from '../model/gateway.js'
import type {DeclaredService, DeclaredStack, StackFiles} from '../model/stack.js'
import type {OpenUpdate} from '../model/update.js'
import {OperatorError} from '../util/errors.js'
import {leftovers, NO_NEIGHBOURS, type Leftover, type Neighbours} from './neighbours.js'
import type {World} from './snapshot.js'
import {waitsFor, withUnconfigured} from './unconfigured.js'
import {withNeighbours} from './with-neighbours.js'

/** `waiting`: may still become good; `idle`: need not run. */
type Verdict = 'good' | 'waiting' | 'bad' | 'idle'

export type ServiceStatus = {
  readonly service: string
  readonly verdict: Verdict
  /** In words, what is the matter. */
  readonly says: string
  readonly container: ObservedContainer | undefined
  /** What a person types, where it is not what is typed for any service. */
  readonly next?: readonly string[]
  /** The file that nobody has put its settings into: Docker starts it again and again meanwhile. */
  readonly unconfigured?: string
}

export type StackStatus = {
  readonly stack: string
  readonly project: string
  /** An update that has not come to its end: it is under way, or was interrupted. */
  readonly update?: OpenUpdate
  readonly services: readonly ServiceStatus[]
}

type Seen = {
  readonly stack: DeclaredStack
  readonly observed: ObservedStack
  readonly neighbours?: Neighbours
  /** By service: the file that its settings are missing in. */
  readonly unconfigured?: ReadonlyMap<string, string>
}

/** Pure; the order of `names` is kept. What another stack of the same project has is told with that stack. */
export function stackStatus(seen: Seen, names: readonly string[]): StackStatus {
  const {stack, observed, neighbours = NO_NEIGHBOURS} = seen
  const declared = names.flatMap((name) => stack.services.get(name) ?? []).map((service) => serviceStatus(service, seen))
  const left = names.length < stack.services.size ? [] : leftovers(stack, observed, neighbours)
  const services = [...declared, ...left.map((one) => undeclared(one, neighbours))]
  return {stack: stack.name, project: stack.project, services}
}

/** Renamed or taken out of the file: Compose does not speak of them any more, and they may run on for years. */
function undeclared({container, is}: Leftover, {unread}: Neighbours): ServiceStatus {
  const says = {
    own: 'not in the Compose files any more; down removes it',
    nobody: 'in no Compose file; down --orphans removes it',
    unknown: `not in these Compose files; ${unread.join(', ')} could not be read, and may declare it`,
  }[is]
  const next = [`docker stop ${container.name} && docker rm ${container.name}`]
  return {service: container.service, container, verdict: 'bad', says: `${container.state}, and ${says}`, next}
}

function serviceStatus(service: DeclaredService, {observed, stack: {name: stack}, unconfigured}: Seen): ServiceStatus {
  const file = unconfigured?.get(service.name)
  const container = observed.containers.get(service.name)
  const found = container === undefined ? missing(service) : (cutOff(service, container, observed, stack) ?? ofItself(service, container))
  if (file === undefined || found.verdict === 'good') return {service: service.name, container, ...found}
  return {service: service.name, container, verdict: 'waiting', says: waitsFor(file), unconfigured: file}
}

type Found = Pick<ServiceStatus, 'verdict' | 'says' | 'next'>

const missing = (service: DeclaredService): Found =>
  service.active ? {verdict: 'bad', says: 'not created'} : {verdict: 'idle', says: 'only by hand (profile)'}

/** Comes before health: dependents that have lost their network stay "healthy". */
function cutOff(service: DeclaredService, container: ObservedContainer, observed: ObservedStack, stack: string): Found | undefined {
  if (container.state !== 'running') return undefined
  if (service.gateway === undefined) return cutOffElsewhere(container, observed, stack)
  const how = attachment(container, observed.containers.get(service.gateway))
  if (how === 'stale') return {verdict: 'bad', says: `cut off: ${service.gateway} ${leftAs(observed.containers.get(service.gateway))}`}
  if (how === 'orphaned') return {verdict: 'bad', says: `cut off: belongs to a ${service.gateway} that is gone`}
  return undefined
}

/** It lives in the network namespace of a container that is none of its stack's. */
function cutOffElsewhere(container: ObservedContainer, observed: ObservedStack, stack: string): Found | undefined {
  const host = foreignHost(container, observed)
  if (host === undefined) return undefined
  const how = attachment(container, host.container)
  if (how !== 'stale' && how !== 'orphaned') return undefined
  const name = host.container?.name ?? `a container that is gone (${host.target.slice(0, 12)})`
  const why = how === 'orphaned' ? `belongs to ${name}` : `${name} ${leftAs(host.container)}`
  return {verdict: 'bad', says: `cut off: ${why}`, next: [`homelab stack ${stack} update --force-recreate ${container.service}`]}
}

function ofItself(service: DeclaredService, container: ObservedContainer): Found {
  const {state, health, exitCode, error} = container
  if (state === 'running') return byHealth(container)
  if (state === 'restarting') return {verdict: 'bad', says: `keeps ending (exit code ${exitCode})`}
  if (!service.active || (!service.restarts && exitCode === 0)) return {verdict: 'idle', says: `ended (exit code ${exitCode})`}
  if (state === 'exited') return {verdict: 'bad', says: error === '' ? `stopped (exit code ${exitCode})` : `stopped: ${error}`}
  if (couldNotStart(container)) return {verdict: 'bad', says: `not started: ${error}`}
  return {verdict: 'bad', says: health === 'none' ? state : `${state}, ${health}`}
}

function byHealth({health}: ObservedContainer): Found {
  switch (health) {
    case 'healthy':
      return {verdict: 'good', says: 'healthy'}
    case 'starting':
      return {verdict: 'waiting', says: 'starting'}
    case 'unhealthy':
      return {verdict: 'bad', says: 'unhealthy'}
    default:
      return {verdict: 'good', says: 'running, no health check'}
  }
}

type StacksSeen = {
  readonly worlds: readonly World[]
  readonly failed: readonly {readonly stack: string; readonly error: OperatorError}[]
}

/**
 * Looks at several stacks at once; one that cannot be read does not hide the others.
 * @param all Every stack of the homelab: what a stack does not declare may belong to another one of the same project.
 */
export async function observeEach(stacks: readonly StackFiles[], engine: Engine, signal: AbortSignal, all = stacks): Promise<StacksSeen> {
  const looks = await Promise.all(stacks.map((files) => observeOne(files, engine, signal)))
  const worlds = looks.flatMap((look) => ('observed' in look ? [look] : []))
  const failed = looks.flatMap((look) => ('error' in look ? [look] : []))
  const declare = async (files: StackFiles): Promise<DeclaredStack> => {
    const error = failed.find(({stack}) => stack === files.name)?.error
    if (error !== undefined) throw error
    return worlds.find(({stack}) => stack.name === files.name)?.stack ?? engine.declare(files, signal)
  }
  const whole = worlds.map(async (world) => withUnconfigured(await withNeighbours(world, all, declare)))
  return {worlds: await Promise.all(whole), failed}
}

async function observeOne(files: StackFiles, engine: Engine, signal: AbortSignal): Promise<World | {stack: string; error: OperatorError}> {
  try {
    return await glance(files, engine, signal)
  } catch (error) {
    if (error instanceof OperatorError) return {stack: files.name, error}
    throw error
  }
}

/** Versions are asked for only when the files cannot be read: a look is to be short. */
async function glance(files: StackFiles, engine: Engine, signal: AbortSignal): Promise<World> {
  try {
    return await engine.glance(files, signal)
  } catch (error) {
    // That Compose is too old comes before what an old Compose thinks of the files.
    if (error instanceof OperatorError && !error.passing) await engine.requireVersions(signal)
    throw error
  }
}
