import {tagOf} from '../model/image.js'
import type {ObservedContainer, ObservedImage} from '../model/container.js'
import {type ServiceOverview, isOpen, type Change, type Job, type Rejected, type OpenUpdate} from '../model/update.js'
import type {UpdateRules} from './policy.js'
import type {World} from '../stack/snapshot.js'
import {verdictOf} from './due.js'
import type {Hands} from '../stack/step-handlers.js'
import type {DeclaredStack} from '../model/stack.js'
import type {OperatorError} from '../util/errors.js'
import type {Jobs} from './queue/jobs.js'
import type {UpdatesPause} from './pause.js'
import type {Setting} from '../config/homelab.js'

type Known = {
  readonly jobs: readonly Job[]
  readonly rejected: readonly Rejected[]
  readonly paused: {readonly since: number; readonly until?: number | undefined} | undefined
  readonly rules: (service: string) => UpdateRules
  /** Epoch milliseconds. */
  readonly now: number
}

/**
 * What is newer than what the services of a stack run, by their registries and by what was announced. Who was never
 * created has nothing to update. Pure.
 */
export function overview(world: World, known: Known): ServiceOverview[] {
  return [...world.stack.services.values()].flatMap(({name, image, built}) => {
    if (image === undefined || built) return []
    const job = known.jobs.findLast((one) => isOpen(one) && one.stack === world.stack.name && one.service === name)
    if (job === undefined && !world.observed.containers.has(name)) return []
    return [ofService(world, name, image, job, known)]
  })
}

function ofService({stack, observed}: World, service: string, reference: string, job: Job | undefined, known: Known): ServiceOverview {
  const image = observed.images.get(reference)
  const base = {stack: stack.name, service, image: reference, version: versionOf(observed.containers.get(service), image), job: job?.id}
  const change = job?.change.kind === 'tag' ? job.change : newerOf(image)
  if (change === 'unknown') return {...base, is: 'unknown', newer: undefined, reason: whyUnknown(image)}
  if (change === undefined) return {...base, is: 'current', newer: undefined, reason: undefined}
  const wish: Job = {...NOBODYS, id: '', stack: stack.name, service, container: service, acceptedAt: known.now, ...job, change}
  const verdict = verdictOf(wish, {...known, rules: known.rules(service), currentTag: tagOf(reference)})
  const newer = change.kind === 'tag' ? change.tag : shortDigest(change.digest)
  if (verdict.due) return {...base, is: 'available', newer, reason: undefined}
  return {...base, is: verdict.hold === 'rejected' ? 'rejected' : 'held', newer, reason: verdict.reason}
}

const versionOf = (container: ObservedContainer | undefined, image: ObservedImage | undefined): string | undefined =>
  container !== undefined && image?.id === container.imageId ? image.version : undefined

const NOBODYS = {origin: 'operator', state: 'queued', attempts: 0} as const

/** undefined: nothing. */
function newerOf(image: ObservedImage | undefined): Change | 'unknown' | undefined {
  if (image?.remote === undefined || 'unknown' in image.remote) return 'unknown'
  const {digest} = image.remote
  return image.digests.includes(digest) ? undefined : {kind: 'digest', digest}
}

const whyUnknown = (image: ObservedImage | undefined): string =>
  image?.remote !== undefined && 'unknown' in image.remote ? image.remote.unknown : 'its registry was not asked'

const shortDigest = (digest: string | undefined): string => (digest ?? '').replace(/^sha256:/, '').slice(0, 12)

/** What is known of all updates. */
export type Overview = {
  readonly setting: Setting
  readonly hands: Hands
  readonly jobs: Jobs
  readonly stacks: readonly DeclaredStack[]
  readonly services: readonly ServiceOverview[]
  readonly paused: Awaited<ReturnType<UpdatesPause['read']>>
  /** By stack: updates that have not come to their end. */
  readonly open: ReadonlyMap<string, OpenUpdate>
  /** Stacks that cannot be read. */
  readonly failed: readonly {readonly stack: string; readonly error: OperatorError}[]
}
