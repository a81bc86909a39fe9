import type {Log} from '../../model/log.js'
import type {ServiceUpdate} from '../../model/service-update.js'
import type {Job} from '../../model/update.js'
import {jobOutcome} from '../../plan/updates/job-outcome.js'
import type {JobChanges} from '../../state/job-line.js'
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
  {jobs, log, now}: {readonly jobs: Jobs; readonly log: Log; readonly now: () => number},
): Promise<void> {
  const end = async ({id, stack, service}: Job, outcome: Pick<JobChanges, 'state' | 'summary'>): Promise<void> => {
    log.info(`${stack}/${service}: ${outcome.summary}`)
    await jobs.change(id, {...outcome, endedAt: now()})
  }
  await Promise.all(
    running.map((job) => {
      const update = updates?.find(({service}) => service === job.service)
      if (update !== undefined && update.is !== 'kept') return end(job, jobOutcome(update))
      if (job.attempts < ATTEMPTS) return jobs.change(job.id, {state: 'queued'})
      return end(job, {state: 'failed', summary: `not updated: it was interrupted ${ATTEMPTS} times`})
    }),
  )
}
