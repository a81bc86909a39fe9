import {attachment, endedByNamespace} from '../model/gateway.js'
import {HALF_MADE, halfMade, isUp, type ObservedContainer, couldNotStart} from '../model/container.js'
import type {DeclaredService} from '../model/stack.js'
import type {World} from './snapshot.js'

/** What a service needs so that it runs as declared. */
export type Treatment = {
  readonly service: string
  readonly action: 'create' | 'recreate' | 'start' | 'restart'
  readonly reason: string
}

type Cure = Omit<Treatment, 'service'> | undefined

/** The cheapest step that brings a service up where it belongs; undefined if it is there. Drift is not looked at. */
export function treatStopped(world: World, name: string): Treatment | undefined {
  const container = world.observed.containers.get(name)
  const service = world.stack.services.get(name)
  const cure =
    container === undefined
      ? noContainer
      : halfMade(container)
        ? madeInPart
        : (cureAttachment(world, service, container) ?? cureState(container))
  return cure && {service: name, ...cure}
}

const noContainer: Cure = {action: 'create', reason: 'it has no container yet'}
const madeInPart: Cure = {action: 'recreate', reason: HALF_MADE}

function cureAttachment(world: World, service: DeclaredService | undefined, container: ObservedContainer): Cure {
  const gateway = service?.gateway
  if (gateway === undefined) return undefined
  switch (attachment(container, world.observed.containers.get(gateway))) {
    case 'orphaned':
      return {action: 'recreate', reason: `it belongs to a ${gateway} container that is gone`}
    case 'stale':
      return {action: 'restart', reason: `it holds a network namespace that ${gateway} has left: it is cut off`}
    case 'down':
      return endedByNamespace(container) ? {action: 'start', reason: `Docker ended it because ${gateway} was not running`} : undefined
    default:
      return undefined
  }
}

function cureState(container: ObservedContainer): Cure {
  if (isUp(container)) return undefined
  if (container.state === 'paused') return {action: 'restart', reason: 'it is paused'}
  if (couldNotStart(container)) return {action: 'start', reason: `Docker could not start it: ${container.error}`}
  if (container.state === 'created') return {action: 'start', reason: 'it was created and never started'}
  return {action: 'start', reason: `it is stopped (exit code ${container.exitCode})`}
}

/** As `treatStopped`, and recreates what no longer is what its file or its image says. */
export function treatDrift(world: World, name: string): Treatment | undefined {
  const reason = driftReason(world, name)
  return reason === undefined ? treatStopped(world, name) : {service: name, action: 'recreate', reason}
}

/** Why a container is not what would be created now; undefined if it is, or if there is none. */
export function driftReason(world: World, name: string): string | undefined {
  const container = world.observed.containers.get(name)
  const service = world.stack.services.get(name)
  if (container === undefined || service === undefined) return undefined
  const image = service.image === undefined ? undefined : world.observed.images.get(service.image)
  if (image?.id !== undefined && image.id !== container.imageId) return 'its image is newer than its container'
  const hashes = world.observed.configHashes.get(name)
  if (hashes !== undefined && !hashes.includes(container.configHash)) return 'its declaration changed'
  return undefined
}
