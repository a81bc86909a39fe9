import {keptName, repositoryOf} from '../model/image.js'
import type {ObservedContainer} from '../model/container.js'
import type {Stage, Step} from '../model/plan.js'
import type {World} from '../stack/snapshot.js'

/**
 * What comes before a pull: the image that each of these services was made from gets a name of ours. With the containerd
 * image store, an engine before https://github.com/moby/moby/pull/48374 drops an image when a pull moves its tag, although
 * a container runs it; one that was lost like that is pulled again first.
 */
export function keepImages(world: World, services: readonly string[], op: string): Stage[] {
  const made = services.flatMap((name) => world.observed.containers.get(name) ?? [])
  return [made.flatMap((container) => recoverPresent(world, container)), made.map((container) => keep(world, container, op))]
}

/** After a pull that brought no new image to what was made from it, the name is taken off again. */
export const releaseImages = ({stack, observed}: World, services: readonly string[], op: string): Step[] =>
  services
    .filter((name) => observed.containers.has(name))
    .map((service) => ({
      action: 'release',
      target: service,
      reason: 'unless its tag names another image now',
      needs: [],
      regardless: true,
      reference: keptName(stack.project, service, op),
    }))

/** @param source undefined: where the image's id is its manifest's digest, as in the containerd image store, that is asked for. */
export const recover = (service: string, reference: string, imageId: string, source: string | undefined): Step => ({
  action: 'recover',
  target: service,
  reason: 'the image that it ran is not on this machine any more',
  needs: [],
  image: source ?? `${repositoryOf(reference)}@${imageId}`,
})

function recoverPresent({stack, observed}: World, {service, image, imageId}: ObservedContainer): Step[] {
  if (!observed.lost?.has(imageId)) return []
  // One that was made from an id has no other name than what is declared.
  const reference = image.startsWith('sha256:') ? (stack.services.get(service)?.image ?? image) : image
  return [recover(service, reference, imageId, undefined)]
}

const keep = ({stack}: World, {service, imageId}: ObservedContainer, op: string): Step => ({
  action: 'keep',
  target: service,
  reason: 'to go back to it, if the new one does not become healthy',
  needs: [],
  image: imageId,
  reference: keptName(stack.project, service, op),
})
