import type {Notifier} from '../../model/notification.js'
import {isOpen, type Job, type ServiceUpdate} from '../../model/update.js'
import {updateAlert} from '../alerts.js'
import {renewalFor} from '../plan-image-change.js'
import {bringToEnd} from '../resume.js'
import {outcomeOf} from './outcome.js'
import type {JobsRun} from './run-jobs.js'
import {resumeJobs} from './work.js'

/**
 * Brings to its end what an update of the stack has left in the middle, and the jobs that were part of it; what nobody saw the
 * end of is told.
 * @param begun Jobs that nobody does any more; undefined: those of an update that is open once nothing else works on the stack.
 */
export async function resumeOpen(
  begun: readonly Job[] | undefined,
  run: JobsRun & {readonly notifier: Notifier},
  signal: AbortSignal,
): Promise<void> {
  const {stack, hands, setting, folder, jobs, log, healthy, reporter} = run
  const {name} = stack
  const now = hands.now
  const renewal = renewalFor({setting, hands, folder, retry: false, watched: run.watched, references: new Map(), op: undefined})
  let running = begun ?? []
  const settled = await hands.exclusively(stack.project, `homelab watch: updates of ${name}`, async () => {
    const open = await hands.books.transactions.read(stack.project)
    if (open === undefined && begun === undefined) return undefined
    if (begun === undefined) running = (await jobs.all()).filter((job) => job.stack === name && job.state === 'running')
    if (open !== undefined) log.warn(`${name}: an update was left in the middle (${open.trigger}), and is brought to its end`)
    return bringToEnd(stack, {services: [], limits: {healthy}, renewal: await renewal(stack)}, {hands, reporter, signal})
  })
  if (signal.aborted) return
  await resumeJobs(running.filter(isOpen), settled?.updates, {jobs, log, now})
  const others = (settled?.updates ?? []).filter(({service}) => !running.some((job) => job.service === service))
  const alert = updateAlert(
    others.map((update) => ({job: endedByHand(name, update, now()), update})),
    now(),
  )
  if (alert !== undefined) await run.notifier.post(alert)
}

/** As a job tells how it ended: of an update that a person began, and did not see the end of. */
const endedByHand = (stack: string, update: ServiceUpdate, at: number): Job => ({
  id: '',
  stack,
  service: update.service,
  container: update.service,
  change: {kind: 'digest', digest: undefined},
  origin: 'operator',
  acceptedAt: at,
  attempts: 1,
  ...outcomeOf({attempts: 1}, update, undefined),
})
