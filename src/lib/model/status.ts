import {attachment} from './attachment.js'
import type {DeclaredService, DeclaredStack} from './declared.js'
import type {OpenUpdate} from './update.js'
import type {ObservedContainer, ObservedStack} from './observed.js'

/** `waiting`: may still become good; `idle`: need not run. */
type Verdict = 'good' | 'waiting' | 'bad' | 'idle'

export type ServiceStatus = {
  readonly service: string
  readonly verdict: Verdict
  /** In words, what is the matter. */
  readonly says: string
  readonly container: ObservedContainer | undefined
}

export type StackStatus = {
  readonly stack: string
  readonly project: string
  /** An update that has not come to its end: it is under way, or was interrupted. */
  readonly update?: OpenUpdate
  readonly services: readonly ServiceStatus[]
}

/** Pure; the order of `names` is kept. */
export function stackStatus(stack: DeclaredStack, observed: ObservedStack, names: readonly string[]): StackStatus {
  const declared = names.flatMap((name) => stack.services.get(name) ?? []).map((service) => serviceStatus(service, observed))
  const services = names.length < stack.services.size ? declared : [...declared, ...undeclared(stack, observed)]
  return {stack: stack.name, project: stack.project, services}
}

/** Renamed or taken out of the file: Compose does not speak of them any more, and they may run on for years. */
function undeclared(stack: DeclaredStack, observed: ObservedStack): ServiceStatus[] {
  const left = [...observed.containers.values()].filter(({service}) => !stack.services.has(service))
  return left.map((container) => ({
    service: container.service,
    container,
    verdict: 'bad',
    says: `${container.state}, and not in the Compose files any more; down removes it`,
  }))
}

function serviceStatus(service: DeclaredService, observed: ObservedStack): ServiceStatus {
  const container = observed.containers.get(service.name)
  const found = container === undefined ? missing(service) : (cutOff(service, container, observed) ?? ofItself(service, container))
  return {service: service.name, container, ...found}
}

type Found = Pick<ServiceStatus, 'verdict' | 'says'>

const missing = (service: DeclaredService): Found =>
  service.active ? {verdict: 'bad', says: 'not created'} : {verdict: 'idle', says: 'only by hand (profile)'}

/** Comes before health: dependents that have lost their network stay "healthy". */
function cutOff(service: DeclaredService, container: ObservedContainer, observed: ObservedStack): Found | undefined {
  if (service.gateway === undefined || container.state !== 'running') return undefined
  const how = attachment(container, observed.containers.get(service.gateway))
  if (how === 'stale') return {verdict: 'bad', says: `cut off: ${service.gateway} started again after it`}
  if (how === 'orphaned') return {verdict: 'bad', says: `cut off: belongs to a ${service.gateway} that is gone`}
  return undefined
}

function ofItself(service: DeclaredService, container: ObservedContainer): Found {
  const {state, health, exitCode, error} = container
  if (state === 'running') return byHealth(container)
  if (state === 'restarting') return {verdict: 'bad', says: `keeps ending (exit code ${exitCode})`}
  if (!service.active || (!service.restarts && exitCode === 0)) return {verdict: 'idle', says: `ended (exit code ${exitCode})`}
  if (state === 'exited') return {verdict: 'bad', says: error === '' ? `stopped (exit code ${exitCode})` : `stopped: ${error}`}
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
