import {notLater, steadyClock} from '../model/clock.js'
import type {Log} from '../model/log.js'
import type {Notifier} from '../model/notification.js'
import type {ServiceUpdate, Job} from '../model/update.js'
import {updateAlert} from '../update/alerts.js'
import type {Jobs} from '../update/queue/jobs.js'
import type {Wakeup} from '../util/wakeup.js'
import type {Heartbeat} from './heartbeat.js'
import {whyFailed, type Watcher} from './supervisor.js'
import type {Done} from '../update/queue/work.js'

type UpdatesWatch = {
  readonly jobs: Jobs
  readonly notifier: Notifier
  readonly log: Log
  readonly beat: Heartbeat
  /** Called when a job was accepted. */
  readonly wakeup: Wakeup
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Milliseconds in which results become one message. */
  readonly batch: number
  /** Milliseconds between two looks at the queue, when nothing happens. */
  readonly resync: number
  /** What may be done now, of those that are queued; and when to look again, epoch milliseconds. Closes what is not to be done at all. */
  readonly sift: (queued: readonly Job[]) => Promise<{due: readonly Job[]; until: number | undefined}>
  /** Stacks with an update that has not come to its end, whoever began it. */
  readonly open: () => Promise<readonly string[]>
  /** Brings to its end what was left in the middle, when nothing else works on that stack. @param running Its jobs that nobody does any more; undefined: those of an update that is open. */
  readonly resume: (stack: string, running: readonly Job[] | undefined, signal: AbortSignal) => Promise<void>
  /** Does the due jobs of one stack. @returns undefined: it could not begin. */
  readonly work: (stack: string, due: readonly Job[], signal: AbortSignal) => Promise<Done | undefined>
}

/** After it could not begin, milliseconds; each wait is twice the last. */
const AGAIN_MS = 5_000
const MOST_MS = 300_000
/** Between two looks, milliseconds: a hundred announcements at once are not a hundred looks at the queue. */
const CALM_MS = 50

/** Takes jobs from the queue for as long as the process runs: stacks side by side, each one at a time. */
export const updatesWatcher = (watch: UpdatesWatch): Watcher => ({name: 'updates', run: (signal) => run(watch, signal)})

/** What runs, and what is known of what ran, until it is told. */
type Busy = {
  readonly stacks: Map<string, Promise<void>>
  /** Stacks that could not begin: until when they are left alone, and how often that was so in a row. */
  readonly later: Map<string, {readonly until: number; readonly times: number}>
  readonly known: Map<string, ServiceUpdate>
  /** By stack: jobs that were running when this began, and that nobody does. */
  readonly left: Map<string, readonly Job[]>
  /** For `later`. */
  readonly clock: () => number
}

async function run(watch: UpdatesWatch, signal: AbortSignal): Promise<void> {
  const {jobs, wakeup, beat} = watch
  const busy: Busy = {stacks: new Map(), later: new Map(), known: new Map(), left: new Map(), clock: steadyClock(watch.now)}
  await jobs.compact()
  await leave(busy, watch)
  while (!signal.aborted) {
    const all = await jobs.all()
    const queued = all.filter(({state}) => state === 'queued')
    const {due, until} = await watch.sift(queued)
    // One that is under way here is open, and may have ended when the answer is there: nothing was left in its middle.
    const under = new Set(busy.stacks.keys())
    // Before anything else of theirs. Beside this loop, which goes on: the gate of one may take five minutes.
    for (const [stack, theirs] of busy.left) resumeOne(stack, theirs, busy, watch, signal)
    for (const stack of await watch.open()) if (!under.has(stack)) resumeOne(stack, undefined, busy, watch, signal)
    for (const [stack, theirs] of byStack(due)) begin(stack, theirs, busy, watch, signal)
    const tellAt = await tell(busy, watch)
    beat.looked(
      busy.stacks.size > 0 ? `updating ${[...busy.stacks.keys()].join(', ')}` : queued.length > 0 ? `${queued.length} held` : 'idle',
    )
    await wakeup.next({leastMs: CALM_MS, mostMs: sleepMs([until, tellAt], busy, watch)}, signal)
  }
  await Promise.all(busy.stacks.values())
}

/** @param moments By the clock on the wall. */
function sleepMs(moments: readonly (number | undefined)[], {later, clock}: Busy, {now, resync}: UpdatesWatch): number {
  const rests = [...later.values()].map(({until}) => until - clock()).filter((rest) => rest > 0)
  return Math.max(100, Math.min(resync, ...rests, ...moments.flatMap((at) => (at === undefined ? [] : [at - now()]))))
}

/** Whoever was killed in the middle of something has left jobs that run, and that nobody does. */
async function leave({left}: Busy, {jobs, log}: UpdatesWatch): Promise<void> {
  const running = (await jobs.all()).filter(({state}) => state === 'running')
  for (const [stack, theirs] of byStack(running)) {
    left.set(stack, theirs)
    log.warn(`${stack}: the update of ${theirs.map(({service}) => service).join(', ')} was left in the middle, and is brought to an end`)
  }
}

/** A command may be at work on it: then this waits for the stack's lock, and finds nothing to do. */
const resumeOne = (stack: string, theirs: readonly Job[] | undefined, busy: Busy, watch: UpdatesWatch, signal: AbortSignal): void =>
  alone(
    stack,
    async () => {
      const running = theirs === undefined ? undefined : await stillRunning(theirs, watch)
      await watch.resume(stack, running, signal)
      busy.left.delete(stack)
      return new Map()
    },
    busy,
    watch,
  )

/** Of an attempt that failed some may have come to their end. */
const stillRunning = async (theirs: readonly Job[], {jobs}: UpdatesWatch): Promise<Job[]> =>
  (await jobs.all()).filter(({id, state}) => state === 'running' && theirs.some((job) => job.id === id))

const begin = (stack: string, due: readonly Job[], busy: Busy, watch: UpdatesWatch, signal: AbortSignal): void =>
  alone(stack, () => watch.work(stack, due, signal), busy, watch)

/** One thing at a time on a stack. @param act @returns undefined: it could not begin. */
function alone(stack: string, act: () => Promise<Done | undefined>, busy: Busy, watch: UpdatesWatch): void {
  const {until, times} = busy.later.get(stack) ?? {until: -Infinity, times: 0}
  if (busy.stacks.has(stack) || until > busy.clock()) return
  const later = (): unknown => busy.later.set(stack, {until: busy.clock() + Math.min(MOST_MS, AGAIN_MS * 2 ** times), times: times + 1})
  const work = act()
    .then((done) => {
      if (done === undefined) return void later()
      busy.later.delete(stack)
      for (const [id, update] of done) if (update !== undefined) busy.known.set(id, update)
    })
    .catch((error: unknown) => {
      watch.log.error(`${stack}: ${whyFailed(error)}`)
      later()
    })
    .finally(() => {
      busy.stacks.delete(stack)
      watch.wakeup.wake()
    })
  busy.stacks.set(stack, work)
}

/** What has ended becomes one message, when nothing is under way any more or the first of it has waited long enough. */
async function tell({stacks, known}: Busy, {jobs, notifier, now, batch}: UpdatesWatch): Promise<number | undefined> {
  const untold = (await jobs.all()).filter(({state, told}) => told !== true && isWorthTelling(state))
  if (untold.length === 0) return undefined
  const due = Math.min(...untold.map(({endedAt}) => notLater(endedAt ?? 0, now()))) + batch
  if (stacks.size > 0 && now() < due) return due
  const alert = updateAlert(
    untold.map((job) => ({job, update: known.get(job.id)})),
    now(),
  )
  if (alert !== undefined) await notifier.post(alert)
  await Promise.all(untold.map(({id}) => jobs.change(id, {told: true})))
  for (const {id} of untold) known.delete(id)
  return undefined
}

const isWorthTelling = (state: Job['state']): boolean => state === 'done' || state === 'failed' || state === 'rolled-back'

function byStack(jobs: readonly Job[]): Map<string, Job[]> {
  const groups = new Map<string, Job[]>()
  for (const job of jobs) groups.set(job.stack, [...(groups.get(job.stack) ?? []), job])
  return groups
}
