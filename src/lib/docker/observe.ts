import type Docker from 'dockerode'
import {gatewaysOf, type DeclaredStack} from '../model/stack.js'
import type {ObservedContainer, ObservedImage, ObservedStack} from '../model/container.js'
import {configHashes, type ReaderParts, type StackReader} from './compose/project.js'
import {observeContainers} from './api/containers.js'
import type {Credentials} from './api/credentials.js'
import {allDiscreet} from './redact.js'
import {observeHosts} from './api/hosts.js'
import {localImage, observeImages} from './api/images.js'
import {observeNetworks} from './api/networks.js'
import type {Look} from './engine.js'

type LookParts = ReaderParts & {readonly docker: Docker; readonly credentials: Credentials; readonly reader: StackReader}

/**
 * What there is of a stack: its containers and networks, and what `look` asks for besides, all at once.
 * @throws Error if a container cannot be inspected, unless the look may be partial.
 */
export async function lookAtStack(parts: LookParts, stack: DeclaredStack, look: Look, signal: AbortSignal): Promise<ObservedStack> {
  const {docker, reader, compose} = parts
  const [{containers, unreadable}, networks, images] = await Promise.all([
    observeContainers(docker, stack.project, new Set(look.partial ? gatewaysOf(stack) : []), signal),
    observeNetworks(docker, stack.project, signal),
    look.images ? declaredImages(parts, stack, look, signal) : new Map(),
  ])
  const [[service, why] = []] = unreadable
  if (why !== undefined && !look.partial) throw new Error(`${service} could not be inspected: ${why}`)
  const lost = look.images ? await lostImages(docker, containers, images) : undefined
  const hashes = look.hashes ? await configHashes(parts, reader.modelOf(stack), containers, signal) : new Map()
  const hosts = await observeHosts(() => Promise.resolve(docker), stack, containers, signal)
  const shared = stack.sharedNetworks.map(({name}) => name).filter((name) => networks.all.has(name))
  return {
    containers: allDiscreet(containers, compose.conceal),
    unreadable,
    hosts,
    images,
    ...(lost !== undefined && {lost}),
    configHashes: hashes,
    networks: new Set(shared),
    subnets: networks.all,
    ownNetworks: networks.own,
    ...(networks.daemonStartedAt !== undefined && {daemonStartedAt: networks.daemonStartedAt}),
  }
}

/** Of the images that containers were made from, those that are not here any more. What a declared reference names is here. */
async function lostImages(
  docker: Docker,
  containers: ReadonlyMap<string, ObservedContainer>,
  images: ReadonlyMap<string, ObservedImage>,
): Promise<Set<string>> {
  const here = new Set([...images.values()].map(({id}) => id))
  const others = new Set([...containers.values()].map(({imageId}) => imageId).filter((id) => !here.has(id)))
  const looks = [...others].map(async (id) => ((await localImage(docker, id)) === undefined ? [id] : []))
  return new Set((await Promise.all(looks)).flat())
}

function declaredImages(
  {docker, credentials}: LookParts,
  stack: DeclaredStack,
  look: Look,
  signal: AbortSignal,
): ReturnType<typeof observeImages> {
  const declared = [...stack.services.values()].filter((service) => !service.built)
  const references = new Set(declared.flatMap((service) => service.image ?? []))
  const ask = new Set(declared.filter(({name}) => look.registries?.includes(name)).flatMap((service) => service.image ?? []))
  return observeImages(docker, [...references], ask, credentials, signal)
}
