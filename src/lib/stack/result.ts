import type {OperationResult} from '../journal/record.js'
import type {ObservedContainer, ObservedImage, ObservedStack} from '../model/container.js'
import type {StepOutcome, Plan, ChangingVerb} from '../model/plan.js'
import type {DeclaredStack} from '../model/stack.js'
import {OperatorError} from '../util/errors.js'
import {count} from '../util/text.js'
import type {ServiceUpdate} from '../model/update.js'

type Result = Pick<StackResult, 'verb' | 'outcomes' | 'changes' | 'updates'>

/** How an operation ended, and that in one sentence. */
export function endingOf(result: Result): {result: OperationResult; summary: string} {
  const lost = result.outcomes.filter(({result: became}) => became !== 'done')
  const done = count(result.outcomes.length - lost.length, 'step')
  if (lost.some(({result: became}) => became === 'cancelled'))
    return {result: 'cancelled', summary: `cancelled; ${done} done, ${lost.length} not`}
  const back = result.updates.filter(({is}) => is === 'rolled-back')
  if (back.length > 0 && !result.updates.some(({is}) => is === 'stranded'))
    return {result: 'rolled-back', summary: back.map(({service, reason}) => `${service} went back to its old image: ${reason}`).join('; ')}
  const [failed] = lost.filter(({result: became}) => became === 'failed')
  if (failed === undefined) return {result: 'done', summary: success(result, done)}
  const why = failed.message ?? `${failed.step.action} ${failed.step.target} failed`
  if (lost.every(isWait)) return {result: 'unhealthy', summary: `${done} done; ${why}`}
  return {result: 'failed', summary: `${done} done, ${lost.length} not; ${why}`}
}

/** Then everything was done that there was to do, and only the waiting was in vain. */
const isWait = ({step}: StepOutcome): boolean => step.action === 'wait'

function success({verb, changes}: Result, done: string): string {
  if (verb !== 'update') return `${done} done`
  return `${changes.length > 0 ? `${count(changes.length, 'service')} on a new image` : 'no image changed'}, ${done} done`
}

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

/** What became of one stack. */
export type StackResult = {
  readonly stack: string
  readonly verb: ChangingVerb | 'rollback'
  readonly dryRun: boolean
  /** One, or two if a pull had to tell what is new. */
  readonly plans: readonly Plan[]
  readonly outcomes: readonly StepOutcome[]
  readonly changes: readonly ImageChange[]
  /** Of `update`: what became of each service whose image was to change. */
  readonly updates: readonly ServiceUpdate[]
}

/** What was carried out. */
export type Performed = {readonly plans: readonly Plan[]; readonly outcomes: readonly StepOutcome[]}

export type Settled = Performed & {readonly updates: readonly ServiceUpdate[]}
