import type {Identity} from '../../docker/engine.js'
import type {Log} from '../../model/log.js'
import type {DeclaredStack} from '../../model/stack.js'
import {isRejected} from '../../update/due.js'
import {identify} from '../../update/queue/identify.js'
import type {Jobs} from '../../update/queue/jobs.js'
import {sameChange} from '../../update/queue/outcome.js'
import {isOpen, type Job, type JobOrigin, type Rejected} from '../../model/update.js'
import type {Accepted, Announcement} from './payload.js'

type AcceptOptions = {
  readonly jobs: Jobs
  readonly log: Log
  readonly now: () => number
  readonly newId: () => string
  readonly stacks: () => Promise<readonly DeclaredStack[]>
  /** By container id; empty if Docker does not answer: labels and names tell enough. */
  readonly containers: () => Promise<ReadonlyMap<string, Identity>>
  readonly rejected: () => Promise<readonly Rejected[]>
  /** Wakes whoever works on the queue. */
  readonly wake: () => void
}

export type Posted = {readonly announced: Announcement; readonly origin: JobOrigin}

/**
 * Makes jobs of announcements. What is queued is on disk when this returns.
 * @throws OperatorError if it cannot be written down.
 */
export async function acceptAll(posted: readonly Posted[], options: AcceptOptions): Promise<Accepted[]> {
  const [stacks, containers, rejected, known] = await Promise.all([
    options.stacks(),
    options.containers(),
    options.rejected(),
    options.jobs.all(),
  ])
  const fresh: Job[] = []
  const accepted = posted.map(({announced, origin}): Accepted => {
    const place = identify(announced, {stacks, containers})
    if (place === 'foreign') return {name: announced.name, status: 'ignored', reason: 'it is in no stack of this homelab'}
    if (place === 'unknown')
      return announced.form === 'script'
        ? {name: announced.name, status: 'unknown', reason: 'there is no such container'}
        : {name: announced.name, status: 'ignored', reason: 'it is in no stack of this homelab'}
    const result = acceptOne(announced, place, origin, {known: [...known, ...fresh], rejected, options})
    if (result.job !== undefined) fresh.push(result.job)
    return {name: announced.name, service: `${place.stack}/${place.service}`, ...result.answer}
  })
  for (const {status, service, name, reason} of accepted)
    if (status !== 'queued' && status !== 'duplicate')
      options.log.info(`${service ?? name}: ${status}${reason === undefined ? '' : `, ${reason}`}`)
  await options.jobs.add(fresh)
  if (fresh.length > 0) options.wake()
  return accepted
}

type Place = {readonly stack: string; readonly service: string}
type Beside = {readonly known: readonly Job[]; readonly rejected: readonly Rejected[]; readonly options: AcceptOptions}
type Answer = Pick<Accepted, 'status' | 'job' | 'reason'>

function acceptOne(
  announced: Announcement,
  place: Place,
  origin: JobOrigin,
  {known, rejected, options}: Beside,
): {answer: Answer; job?: Job} {
  const {change} = announced
  if (!announced.updateAvailable) return {answer: {status: 'current', reason: 'it has no update'}}
  const same = (one: Place): boolean => one.stack === place.stack && one.service === place.service
  const refused = rejected.find((one) => same(one) && isRejected(one, change))
  if (refused !== undefined)
    return {answer: {status: 'rejected', reason: `it was rolled back from this image on ${day(refused.at)}: ${refused.reason}`}}
  const twin = known.find((job) => same(job) && isOpen(job) && job.state === 'queued' && sameChange(job.change, change))
  if (twin !== undefined) return {answer: {status: 'duplicate', job: twin.id}}
  const {imageCreatedAt, name: container} = announced
  const born = {...place, container, change, origin, acceptedAt: options.now(), ...(imageCreatedAt !== undefined && {imageCreatedAt})}
  const job: Job = {id: options.newId(), ...born, state: 'queued', attempts: 0}
  return {answer: {status: 'queued', job: job.id}, job}
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10)

type Waiting<A, R> = {readonly items: readonly A[]; readonly resolve: (results: R[]) => void; readonly reject: (error: unknown) => void}

/**
 * Calls that come while one is under way are done together, as the next one. @param act Answers each item, in their order.
 * It throws for all of a batch.
 */
export function inBatches<A, R>(act: (items: readonly A[]) => Promise<readonly R[]>): (items: readonly A[]) => Promise<R[]> {
  let waiting: Waiting<A, R>[] = []
  let busy = false
  const work = async (): Promise<void> => {
    busy = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        const results = [...(await act(batch.flatMap(({items}) => items)))]
        for (const {items, resolve} of batch) resolve(results.splice(0, items.length))
      } catch (error) {
        for (const {reject} of batch) reject(error)
      }
    }
    busy = false
  }
  return (items) =>
    new Promise((resolve, reject) => {
      waiting.push({items, resolve, reject})
      if (!busy) void work()
    })
}
