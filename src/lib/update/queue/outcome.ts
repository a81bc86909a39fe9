import type {Untouched} from '../../model/plan.js'
import {strandedText, type ServiceUpdate, type Job, type JobState} from '../../model/update.js'

/** How a job ended, in its own words. */
type JobOutcome = {readonly state: JobState; readonly summary: string}

/**
 * What follows for a job. One that was begun before may have reached its end, and was killed before it could say so: that
 * is told once more rather than never. Pure.
 */
export function outcomeOf(
  {attempts}: Pick<Job, 'attempts'>,
  update: ServiceUpdate | undefined,
  untouched: Untouched | undefined,
): JobOutcome {
  const {state, summary} = update === undefined ? untouchedOutcome(untouched) : jobOutcome(update)
  if (attempts === 0) return {state, summary}
  if (state === 'current') return {state: 'done', summary: `${summary}; it had been interrupted`}
  return state === 'rejected' ? {state: 'rolled-back', summary: INTERRUPTED_BACK} : {state, summary}
}

export const INTERRUPTED_BACK = 'rolled back; it had been interrupted'

function untouchedOutcome(untouched: Untouched | undefined): JobOutcome {
  if (untouched?.is === 'rejected') return {state: 'rejected', summary: 'not tried: it was rolled back from this image before'}
  if (untouched?.is === 'current') return {state: 'current', summary: 'already current'}
  return {state: 'done', summary: 'its image is pulled; it did not run, and is not started'}
}

/** What follows from a transaction for a job of it. Pure. */
export function jobOutcome(update: ServiceUpdate): JobOutcome {
  const reason = update.reason ?? ''
  switch (update.is) {
    case 'done':
      return {state: 'done', summary: changeText(update)}
    case 'current':
      return {state: 'current', summary: `already current: ${nameOf(update.from)}`}
    case 'kept':
      return {state: 'failed', summary: `not updated, ${nameOf(update.from)} runs on: ${reason}`}
    case 'rolled-back':
      return {state: 'rolled-back', summary: `rolled back to ${nameOf(update.from)}: ${reason}`}
    case 'stranded':
      return {state: 'failed', summary: `${strandedText(update)}: ${reason}`}
  }
}

/** "2.14.0 → 2.15.1", by what the two images say of themselves; their tags or ids where they say nothing. */
function changeText({from, to}: Pick<ServiceUpdate, 'from' | 'to'>): string {
  const [old, fresh] = [nameOf(from), nameOf(to)]
  return old === fresh ? `${shortId(from.imageId)} → ${shortId(to.imageId)}` : `${old} → ${fresh}`
}

const nameOf = ({version, reference, imageId}: {version?: string | undefined; reference: string; imageId?: string | undefined}): string =>
  version ?? (imageId === undefined ? reference : `${/:([^/:]+)$/.exec(reference)?.[1] ?? 'latest'} (${shortId(imageId)})`)

const shortId = (id: string | undefined): string => (id ?? '').replace(/^sha256:/, '').slice(0, 12)

/**
 * Of several jobs for one service the newest counts: its change is what is there now. Another tag counts before another
 * image under the present one.
 */
export function newestOf(jobs: readonly Job[]): {chosen: Job[]; superseded: Job[]} {
  const services = [...new Set(jobs.map(({service}) => service))]
  const chosen = services.flatMap((service) => {
    const own = jobs.filter((job) => job.service === service)
    return own.findLast(({change}) => change.kind === 'tag') ?? own.at(-1) ?? []
  })
  return {chosen, superseded: jobs.filter((job) => !chosen.includes(job))}
}

/** The same wish twice. */
export function sameChange(one: Job['change'], other: Job['change']): boolean {
  if (one.kind === 'tag' || other.kind === 'tag') return one.kind === other.kind && 'tag' in one && 'tag' in other && one.tag === other.tag
  return one.digest === other.digest
}
