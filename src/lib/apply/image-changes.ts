import type {DeclaredStack} from '../model/declared.js'
import type {ObservedContainer, ObservedImage, ObservedStack} from '../model/observed.js'
import {OperatorError} from '../model/operator-error.js'
import type {StepOutcome} from './report.js'

export type ImageChange = {
  readonly service: string
  readonly image: string
  /** Image ids. */
  readonly from: string
  readonly to: string
  /** The makers' version labels, where both images have one. */
  readonly fromVersion: string | undefined
  readonly toVersion: string | undefined
}

/** The services whose running image is another one than before. */
export function imageChanges(before: ObservedStack, after: ObservedStack): ImageChange[] {
  return [...after.containers.values()].flatMap((container) => {
    const old = before.containers.get(container.service)
    if (old === undefined || old.imageId === container.imageId) return []
    return [change(old, container, before.images, after.images)]
  })
}

type Images = ReadonlyMap<string, ObservedImage>

function change(old: ObservedContainer, container: ObservedContainer, before: Images, after: Images): ImageChange {
  const version = (images: Images, of: ObservedContainer): string | undefined => {
    const image = images.get(of.image)
    return image?.id === of.imageId ? image.version : undefined
  }
  return {
    service: container.service,
    image: container.image,
    from: old.imageId,
    to: container.imageId,
    fromVersion: version(before, old),
    toVersion: version(after, container),
  }
}

/** A recreation that Docker reported as done, while the container does not run the image of its reference. */
export function unproven(stack: DeclaredStack, after: ObservedStack, outcomes: readonly StepOutcome[]): StepOutcome[] {
  return outcomes.flatMap(({step, result}) => {
    if (step.action !== 'recreate' || result !== 'done') return []
    const reference = stack.services.get(step.target)?.image
    const pulled = reference === undefined ? undefined : after.images.get(reference)?.id
    const running = after.containers.get(step.target)?.imageId
    if (pulled === undefined || running === pulled) return []
    const error = new OperatorError(`${step.target} was recreated, but does not run the image of ${reference}.`, {
      next: [`Recreate it: homelab stack ${stack.name} up ${step.target}`],
    })
    return [{step, result: 'failed' as const, seconds: 0, message: error.message, error}]
  })
}
