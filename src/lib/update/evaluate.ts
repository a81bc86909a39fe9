import {dependentsOf, type DeclaredStack} from '../model/stack.js'
import {isUp, type ObservedContainer, type ObservedImage, type ObservedStack} from '../model/container.js'
import type {Snapshot} from '../model/update.js'

/** A step that failed. */
export type Failure = {readonly service: string; readonly message: string}

/**
 * - `done`: the new image runs. `current`: the pull brought what ran already, or nothing was to be done.
 * - `kept`: it failed before there was a container of the new image: what there is is of the old one. `back`: it has to go
 *   back to the old one.
 */
export type Judgement = {
  readonly snapshot: Snapshot
  readonly is: 'done' | 'current' | 'kept' | 'back'
  readonly reason: string | undefined
  /** Its container was of another image than the old one, and was started. */
  readonly ran: boolean
  /** What the reference names on this machine now. */
  readonly imageId: string | undefined
  readonly digest: string | undefined
  readonly version: string | undefined
}

/** What became of each service of an update. A gateway and who lives behind it stand and fall together. Pure. */
export function judge(stack: DeclaredStack, taken: readonly Snapshot[], after: ObservedStack, failures: readonly Failure[]): Judgement[] {
  const alone = taken.map((snapshot) => judgeOne(snapshot, after, failures))
  const fallen = alone.filter(({is, snapshot}) => changed(is) && groupFailed(stack, snapshot.service, alone, failures))
  return alone.map((one) => {
    if (one.is !== 'done') return one
    const cause = fallen.find(({snapshot}) => together(stack, snapshot.service, one.snapshot.service))
    return cause === undefined ? one : {...one, is: 'back' as const, reason: one.reason ?? groupReason(stack, cause, failures)}
  })
}

const changed = (is: Judgement['is']): boolean => is === 'done' || is === 'back'

function judgeOne(snapshot: Snapshot, {containers, images}: ObservedStack, failures: readonly Failure[]): Judgement {
  const {service, from, to} = snapshot
  const container = containers.get(service)
  const made = container?.imageId
  const reason = failures.find((failure) => failure.service === service)?.message
  const image = pulled(snapshot, images.get(to.reference))
  const found = {snapshot, reason, ran: hasRun(container, from.imageId), ...image}
  if (made === from.imageId) return reason === undefined && isUp(container) ? {...found, is: 'current'} : keptBecause(found)
  if (reason === undefined && isUp(container) && made === image.imageId) return {...found, is: 'done'}
  return {...found, is: 'back', reason: reason ?? 'it does not run the image that was pulled'}
}

const hasRun = (container: ObservedContainer | undefined, old: string): boolean =>
  container !== undefined && container.imageId !== old && container.startedAt > 0

const keptBecause = (found: Omit<Judgement, 'is'>): Judgement => ({...found, is: 'kept', reason: found.reason ?? 'it does not run'})

function pulled({to}: Snapshot, image: ObservedImage | undefined): Pick<Judgement, 'imageId' | 'digest' | 'version'> {
  return {imageId: image?.id, digest: to.digest ?? image?.digests[0], version: image?.version}
}

/** A gateway's update is as good as what lives behind it. */
const groupFailed = (stack: DeclaredStack, gateway: string, judged: readonly Judgement[], failures: readonly Failure[]): boolean => {
  const behind = dependentsOf(stack, gateway).map(({name}) => name)
  if (behind.length === 0) return false
  const ill = (name: string): boolean => {
    const own = judged.find(({snapshot}) => snapshot.service === name)
    // One whose own image could not be had runs on the old one.
    return own === undefined ? failures.some(({service}) => service === name) : own.is === 'back'
  }
  return [gateway, ...behind].some(ill)
}

const together = (stack: DeclaredStack, gateway: string, service: string): boolean =>
  service === gateway || stack.services.get(service)?.gateway === gateway

function groupReason(stack: DeclaredStack, {snapshot}: Judgement, failures: readonly Failure[]): string {
  const group = [snapshot.service, ...dependentsOf(stack, snapshot.service).map(({name}) => name)]
  const failure = failures.find(({service}) => group.includes(service))
  return failure === undefined ? `${snapshot.service} and what lives behind it go back as one` : failure.message
}
