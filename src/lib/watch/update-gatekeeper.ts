import {notLater} from '../model/clock.js'
import type {DeclaredStack} from '../model/stack.js'
import type {Log} from '../model/log.js'
import {tagOf} from '../model/image.js'
import {OperatorError} from '../util/errors.js'
import type {Notification, Notifier} from '../model/notification.js'
import type {Job, Rejected} from '../model/update.js'
import type {UpdateRules} from '../update/policy.js'
import {approvalAlert, availableAlert} from '../update/alerts.js'
import {verdictOf, type Verdict} from '../update/due.js'
import {INTERRUPTED_BACK} from '../update/queue/outcome.js'
import type {Jobs} from '../update/queue/jobs.js'
import type {UpdatesPause} from '../update/pause.js'

type SiftOptions = {
  readonly jobs: Jobs
  readonly notifier: Notifier
  readonly log: Log
  readonly now: () => number
  /** Those whose files can be read. */
  readonly stacks: () => Promise<readonly DeclaredStack[]>
  /** The names of all that there are. */
  readonly known: ReadonlySet<string>
  readonly rules: (stack: DeclaredStack, service: string) => UpdateRules
  /** What of the configuration is about no service, in words. */
  readonly lost?: (stacks: readonly DeclaredStack[]) => readonly string[]
  readonly pause: Pick<UpdatesPause, 'read'>
  readonly rejected: () => Promise<readonly Rejected[]>
}

type Sifted = {readonly due: readonly Job[]; readonly until: number | undefined}

/** Who of the queue may be done now. What is not to be done at all is closed; what waits for a person is told once. */
export function sifter(options: SiftOptions): (queued: readonly Job[]) => Promise<Sifted> {
  const told = new Set<string>()
  return async (stored) => {
    const queued = await caughtUp(stored, options)
    if (queued.length === 0) return {due: [], until: undefined}
    const [stacks, paused, rejected] = await Promise.all([options.stacks(), options.pause.read(), options.rejected()])
    for (const text of options.lost?.(stacks) ?? []) {
      if (!told.has(text)) options.log.warn(text)
      told.add(text)
    }
    const judged = queued.map((job) => ({job, verdict: verdictFor(job, stacks, {paused, rejected}, options)}))
    for (const {job, verdict} of judged) {
      if (outdated(job, verdict, judged)) await end(job, 'superseded', 'a newer one took its place', options)
      else await follow(job, verdict, told, options)
    }
    const due = judged.filter(({verdict}) => verdict !== 'gone' && verdict.due).map(({job}) => job)
    const moments = judged.flatMap(({verdict}) =>
      verdict !== 'gone' && !verdict.due && verdict.until !== undefined ? [verdict.until] : [],
    )
    return {due, until: moments.length === 0 ? undefined : Math.min(...moments)}
  }
}

/** What was accepted before the clock was set back was accepted now; written down, or its age would begin at each look. */
function caughtUp(queued: readonly Job[], {jobs, now}: SiftOptions): Promise<Job[]> {
  const corrected = queued.map(async (job): Promise<Job> => {
    const acceptedAt = notLater(job.acceptedAt, now())
    if (acceptedAt !== job.acceptedAt) await jobs.change(job.id, {acceptedAt})
    return {...job, acceptedAt}
  })
  return Promise.all(corrected)
}

type Judged = {readonly job: Job; readonly verdict: Verdict | 'gone'}

type Known = {readonly paused: Awaited<ReturnType<UpdatesPause['read']>>; readonly rejected: readonly Rejected[]}

function verdictFor(
  job: Job,
  stacks: readonly DeclaredStack[],
  {paused, rejected}: Known,
  {rules, known, now}: SiftOptions,
): Verdict | 'gone' {
  const stack = stacks.find(({name}) => name === job.stack)
  if (stack === undefined && known.has(job.stack))
    return {due: false, hold: 'policy', reason: `the Compose files of ${job.stack} cannot be read`}
  const service = stack?.services.get(job.service)
  if (stack === undefined || service === undefined) return 'gone'
  const currentTag = service.image === undefined ? undefined : tagOf(service.image)
  try {
    return verdictOf(job, {rules: rules(stack, job.service), currentTag, now: now(), paused, rejected})
  } catch (error) {
    // A label of one service that says nothing we know must not hold up the others.
    if (error instanceof OperatorError) return {due: false, hold: 'policy', reason: error.message}
    throw error
  }
}

/** Held back until a person says otherwise, as a newer one for the same service is: only that one is worth keeping. */
function outdated(job: Job, verdict: Verdict | 'gone', all: readonly Judged[]): boolean {
  if (!waits(verdict)) return false
  const same = all.filter((one) => one.job.stack === job.stack && one.job.service === job.service && waits(one.verdict))
  return same.at(-1)?.job !== job
}

const waits = (verdict: Verdict | 'gone'): boolean =>
  verdict !== 'gone' && !verdict.due && ['notify', 'never', 'policy', 'approval'].includes(verdict.hold)

async function end(job: Job, state: Job['state'], summary: string, {jobs, log, now}: SiftOptions): Promise<void> {
  log.info(`${job.stack}/${job.service}: ${summary}`)
  await jobs.change(job.id, {state, summary, endedAt: now()})
}

async function follow(job: Job, verdict: Verdict | 'gone', told: Set<string>, options: SiftOptions): Promise<void> {
  const {jobs, notifier, log, now} = options
  if (verdict === 'gone') return end(job, 'dropped', 'its service is not declared any more', options)
  if (verdict.due) return
  if (verdict.hold === 'rejected')
    // One that was begun was rolled back, and killed before it could say so.
    return job.attempts > 0 ? end(job, 'rolled-back', INTERRUPTED_BACK, options) : end(job, 'rejected', verdict.reason, options)
  if (told.has(job.id)) return
  told.add(job.id)
  log.info(`${job.stack}/${job.service}: held back: ${verdict.reason}`)
  const alert = job.offered ? undefined : offer(job, verdict, now())
  if (alert === undefined) return
  await notifier.post(alert)
  await jobs.change(job.id, {offered: true})
}

/** What a person is told who has to say whether it is done. */
function offer(job: Job, {hold, reason}: Extract<Verdict, {due: false}>, now: number): Notification | undefined {
  if (hold === 'approval') return approvalAlert(job, reason, now)
  return hold === 'notify' ? availableAlert(job, job.change.kind === 'tag' ? job.change.tag : 'a new image', now) : undefined
}
