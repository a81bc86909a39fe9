import type {DeclaredStack} from '../../../src/lib/model/stack.js'
import type {ObservedContainer, ObservedImage, ObservedStack, RemoteDigest} from '../../../src/lib/model/container.js'
import type {World} from '../../../src/lib/stack/snapshot.js'

/** When the containers of these tests were started; a gateway one second before everyone else. */
export const STARTED = Date.parse('2026-11-22T20:00:01Z')

export function aContainer(service: string, words: Partial<ObservedContainer> = {}): ObservedContainer {
  return {
    id: `${service}-1`,
    name: `torrent-${service}-1`,
    service,
    state: 'running',
    health: 'healthy',
    healthOutput: undefined,
    exitCode: 0,
    error: '',
    startedAt: STARTED,
    finishedAt: 0,
    restarts: 0,
    pid: 42,
    networkMode: 'torrent_default',
    imageId: `sha256:${service}-image`,
    image: `example.org/${service}:1`,
    configHash: `${service}-hash`,
    ports: [],
    ...words,
  }
}

/** What differs from a stack that runs as declared; `null`: the service has no container. */
export type Deviations = {
  readonly containers?: Record<string, Partial<ObservedContainer> | null>
  readonly images?: Record<string, Partial<ObservedImage> & {readonly remote?: RemoteDigest}>
  readonly networks?: readonly string[]
  readonly ownNetworks?: readonly string[]
  /** Only these services have containers. */
  readonly nothing?: boolean
}

/** Everything runs as declared, but for the deviations. */
export function aWorld(stack: DeclaredStack, deviations: Deviations = {}): World {
  return {stack, observed: observedOf(stack, deviations)}
}

export function observedOf(
  stack: DeclaredStack,
  {containers = {}, images = {}, networks, ownNetworks = [], nothing = false}: Deviations,
): ObservedStack {
  const gateways = new Set([...stack.services.values()].flatMap(({gateway}) => gateway ?? []))
  const all = [...stack.services.values()].flatMap(({name, gateway}): [string, ObservedContainer][] => {
    const own = containers[name]
    if (own === null || (nothing && own === undefined)) return []
    const networkMode = gateway === undefined ? 'torrent_default' : `container:${gateway}-1`
    return [[name, aContainer(name, {networkMode, startedAt: gateways.has(name) ? STARTED - 1000 : STARTED, ...own})]]
  })
  const known = [...stack.services.values()].flatMap(({name, image}): [string, ObservedImage][] =>
    image === undefined ? [] : [[image, {...anImage(name, image), ...images[name]}]],
  )
  return {
    containers: new Map(all),
    images: new Map(known),
    configHashes: new Map([...stack.services.keys()].map((name) => [name, [`${name}-hash`]])),
    networks: new Set(networks ?? stack.sharedNetworks.map(({name}) => name)),
    ownNetworks,
  }
}

const anImage = (service: string, reference: string): ObservedImage => ({
  reference,
  id: `sha256:${service}-image`,
  digests: [`sha256:${service}-digest`],
  version: undefined,
  remote: undefined,
})
