import {dependentsOf} from '../model/stack.js'
import {repositoryOf} from '../model/image.js'
import {isUp} from '../model/container.js'
import type {Snapshot} from '../model/update.js'
import type {Renewal, World} from '../stack/snapshot.js'

/** What is needed to bring these services back, of those that run: the others have nothing to go back to. */
export function snapshots(world: World, services: readonly string[], pins: ReadonlyMap<string, string>, renewal: Renewal): Snapshot[] {
  return services.flatMap((service) => {
    const container = world.observed.containers.get(service)
    const declared = world.stack.services.get(service)?.image
    if (container === undefined || declared === undefined || !isUp(container)) return []
    const pin = pins.get(service)
    const reference = renewal.references.get(service) ?? declared
    const image = world.observed.images.get(reference)
    const {folders, backup} = renewal.treatment(service)
    return [
      {
        service,
        from: {
          reference: declared,
          imageId: container.imageId,
          pin,
          container: container.id,
          ...knownOf(world, declared, container.imageId),
        },
        to: {reference, pin: renewal.references.has(service) ? reference : pin, digest: remoteDigest(image?.remote)},
        ...(folders.length > 0 && {backup, folders}),
      },
    ]
  })
}

/** What is known of the image `id`, if `reference` still names it. */
function knownOf({observed}: World, reference: string, id: string): Pick<Snapshot['from'], 'version' | 'source'> {
  const image = observed.images.get(reference)
  return image?.id === id ? {version: image.version, source: sourceOf(reference, image.digests)} : {version: undefined}
}

/** @param digests Of its manifests, as its registry has them. */
export const sourceOf = (reference: string, [digest]: readonly string[]): string | undefined =>
  digest === undefined ? undefined : `${repositoryOf(reference)}@${digest}`

const remoteDigest = (remote: {digest: string} | {unknown: string} | undefined): string | undefined =>
  remote !== undefined && 'digest' in remote ? remote.digest : undefined

/** Who runs behind these services, as their gateways go: they have to come back with them. */
export function companyOf(world: World, services: readonly string[]): string[] {
  const behind = services.flatMap((service) => dependentsOf(world.stack, service).map(({name}) => name))
  return [...new Set(behind)].filter((name) => !services.includes(name) && isUp(world.observed.containers.get(name)))
}
