import type {ServiceUpdate} from '../../model/service-update.js'
import type {Job} from '../../model/update.js'
import {jobOutcome} from '../../plan/updates/job-outcome.js'
import type {Jobs} from '../../state/jobs.js'

/** A job whose transaction was interrupted so often is given up. */
const ATTEMPTS = 5

/**
 * What follows for jobs that were running when their process ended, from what became of their transaction. Whose image was
 * not reached yet, or who had not begun, is queued again. @param updates undefined: there was no transaction.
 */
export async function resumeJobs(
  running: readonly Job[],
  updates: readonly ServiceUpdate[] | undefined,
  {jobs, now}: {readonly jobs: Jobs; readonly now: () => number},
): Promise<void> {
  await Promise.all(
    running.map((job) => {
      const update = updates?.find(({service}) => service === job.service)
      if (update !== undefined && update.is !== 'kept') return jobs.change(job.id, {...jobOutcome(update), endedAt: now()})
      if (job.attempts < ATTEMPTS) return jobs.change(job.id, {state: 'queued'})
      return jobs.change(job.id, {state: 'failed', endedAt: now(), summary: `not updated: it was interrupted ${ATTEMPTS} times`})
    }),
  )
}
