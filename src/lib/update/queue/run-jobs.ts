import type {Setting} from '../../config/homelab.js'
import {repositoryOf} from '../../model/image.js'
import type {Log} from '../../model/log.js'
import type {Reporter} from '../../model/plan.js'
import type {DeclaredStack} from '../../model/stack.js'
import type {Job} from '../../model/update.js'
import type {StackResult} from '../../stack/result.js'
import type {Order} from '../../stack/run.js'
import type {Hands} from '../../stack/step-handlers.js'
import {renewalFor} from '../plan-image-change.js'
import {carryOut} from '../run.js'
import type {Jobs} from './jobs.js'
import {workOff, type Done} from './work.js'

/** One stack, and what its jobs are done with. */
export type JobsRun = {
  readonly stack: DeclaredStack
  readonly hands: Hands
  readonly setting: Setting
  /** The state folder. */
  readonly folder: string
  readonly jobs: Jobs
  readonly log: Log
  readonly reporter: Reporter
  /** A person is there, and sees what becomes of it after: healthy is enough. */
  readonly watched: boolean
  /** Seconds for a service to become healthy. */
  readonly healthy: number
  readonly by: (due: readonly Job[]) => NonNullable<Order['by']>
}

/** `done` undefined: it could not begin, and is to be tried again; then `failure` says why. */
type JobsResult = {readonly done: Done | undefined; readonly result: StackResult | undefined; readonly failure: unknown}

/** Brings the services of one stack's jobs to their new images, all at once, and writes down how each job ended. */
export async function runJobs(due: readonly Job[], run: JobsRun, signal: AbortSignal): Promise<JobsResult> {
  const {stack, hands, setting, folder, jobs, log} = run
  let result: StackResult | undefined
  let failure: unknown
  const update = async (chosen: readonly Job[], op: string, stopping: AbortSignal): Promise<StackResult> => {
    const references = referencesOf(chosen, stack)
    const renewal = renewalFor({setting, hands, folder, retry: false, watched: run.watched, references, op})
    const intent = {services: chosen.map(({service}) => service), limits: {healthy: run.healthy}}
    const order: Order = {files: stack, verb: 'update', all: setting.stacks, dryRun: false, intent, renewal, by: run.by(chosen)}
    try {
      result = await carryOut(order, hands, run.reporter, stopping)
      return result
    } catch (error) {
      failure = error
      throw error
    }
  }
  const done = await workOff(due, {jobs, log, now: hands.now, newOperation: hands.newOperation, update}, signal)
  return {done, result, failure}
}

/** The whole references that new tags make. */
function referencesOf(jobs: readonly Job[], stack: DeclaredStack): Map<string, string> {
  const pairs = jobs.flatMap(({service, change}) => {
    const image = stack.services.get(service)?.image
    return change.kind === 'tag' && image !== undefined ? [[service, `${repositoryOf(image)}:${change.tag}`] as const] : []
  })
  return new Map(pairs)
}
