import {isOpen, type Job} from '../model/update.js'
import type {JobLine} from './job-line.js'

/** Puts one line into `jobs`, which keep the order they were added in. A job that is added twice stays as it was. */
export function apply(jobs: Map<string, Job>, line: JobLine): void {
  if (line.kind === 'job' && !jobs.has(line.job.id)) jobs.set(line.job.id, line.job)
  if (line.kind !== 'change') return
  const job = jobs.get(line.id)
  if (job !== undefined) jobs.set(line.id, {...job, ...line.changes})
}

/** All that are open and the `newest` that ended last, in the order of `jobs`. */
export function worthKeeping(jobs: readonly Job[], newest: number): Job[] {
  const ended = jobs.filter((job) => !isOpen(job)).toSorted((a, b) => endOf(b) - endOf(a))
  const kept = new Set(ended.slice(0, newest).map(({id}) => id))
  return jobs.filter((job) => isOpen(job) || kept.has(job.id))
}

const endOf = ({endedAt, acceptedAt}: Job): number => endedAt ?? acceptedAt
