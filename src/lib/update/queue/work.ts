import type {Log} from '../../model/log.js'
import {OperatorError, exitCode} from '../../util/errors.js'
import type {ServiceUpdate, Job} from '../../model/update.js'
import type {Jobs} from './jobs.js'
import type {JobChanges} from './log.js'
import {newestOf, outcomeOf, jobOutcome} from './outcome.js'
import type {StackResult} from '../../stack/result.js'

type WorkOptions = {
  readonly jobs: Jobs
  readonly log: Log
  readonly now: () => number
  /** A name for the operation. */
  readonly newOperation: () => string
  /** Brings services of one stack to their new images, under its lock. @throws OperatorError if it could not begin. */
  readonly update: (jobs: readonly Job[], op: string, signal: AbortSignal) => Promise<StackResult>
}

/** Beginning failed so often: the job has failed. */
const ATTEMPTS = 5

/** What is known of the jobs that were done. By job id. */
export type Done = ReadonlyMap<string, ServiceUpdate | undefined>

/**
 * Does the jobs of one stack, all at once. Each is on disk as running before anything is done, and as ended after it.
 * @returns undefined: it could not begin, and is to be tried again.
 */
export async function workOff(all: readonly Job[], options: WorkOptions, signal: AbortSignal): Promise<Done | undefined> {
  const {jobs, now, newOperation} = options
  const {chosen, superseded} = newestOf(all)
  const op = newOperation()
  await Promise.all([
    ...superseded.map(({id}) => jobs.change(id, {state: 'superseded', endedAt: now(), summary: 'a newer one took its place'})),
    ...chosen.map(({id, attempts}) => jobs.change(id, {state: 'running', attempts: attempts + 1, op})),
  ])
  try {
    const result = await options.update(chosen, op, signal)
    // Left in the middle: the next start finds the transaction, and them running.
    if (signal.aborted) return new Map()
    return await close(chosen, result, options)
  } catch (error) {
    if (signal.aborted) return new Map()
    await putOff(chosen, error, options)
    return undefined
  }
}

async function close(chosen: readonly Job[], {updates, plans}: StackResult, {jobs, log, now}: WorkOptions): Promise<Done> {
  const untouched = plans.flatMap((plan) => plan.untouched)
  const ended = chosen.map((job) => {
    const update = updates.find(({service}) => service === job.service)
    const outcome = outcomeOf(
      job,
      update,
      untouched.findLast(({service}) => service === job.service),
    )
    return {job, update, outcome}
  })
  await Promise.all(ended.map(({job, outcome}) => jobs.change(job.id, {...outcome, endedAt: now()})))
  for (const {job, outcome} of ended)
    log[outcome.state === 'failed' || outcome.state === 'rolled-back' ? 'error' : 'info'](`${job.stack}/${job.service}: ${outcome.summary}`)
  return new Map(ended.map(({job, update}) => [job.id, update] as const))
}

/** Back into the queue; another operation may hold the stack, Docker may be away. */
async function putOff(chosen: readonly Job[], error: unknown, {jobs, log, now}: WorkOptions): Promise<void> {
  const why = error instanceof Error ? error.message : String(error)
  const busy = error instanceof OperatorError && error.exitCode === exitCode.busy
  const stack = chosen[0]?.stack ?? ''
  log.warn(`${stack}: the update could not begin: ${why}`)
  await Promise.all(
    chosen.map(({id, attempts}) =>
      jobs.change(
        id,
        busy
          ? {state: 'queued', attempts}
          : attempts + 1 < ATTEMPTS
            ? {state: 'queued'}
            : {state: 'failed', endedAt: now(), summary: `not updated: ${why}`},
      ),
    ),
  )
}

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
