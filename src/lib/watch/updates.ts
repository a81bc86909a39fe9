import type {CascadeHands} from '../cascade/observe.js'
import type {DeclaredStack} from '../model/stack.js'
import type {Log} from '../model/log.js'
import type {Reporter} from '../model/plan.js'
import type {Notifier} from '../model/notification.js'
import type {Job, JobOrigin} from '../model/update.js'
import {lostEntries, rulesFor} from '../update/policy.js'
import {first, openStacks, readableOf, type StackSource} from './file-source.js'
import {openJobs, type Jobs} from '../update/queue/jobs.js'
import {updatesPause} from '../update/pause.js'
import {createWakeup, type Wakeup} from '../util/wakeup.js'
import type {Ears, Watcher} from './supervisor.js'
import {heartbeat, type Pulse} from './heartbeat.js'
import type {Accepted, Announcement} from './webhook/payload.js'
import {acceptAll, type Posted, inBatches} from './webhook/accept.js'
import {resumeOpen} from '../update/queue/resume-open.js'
import {runJobs, type JobsRun} from '../update/queue/run-jobs.js'
import {sifter} from './update-gatekeeper.js'
import {updatesWatcher} from './update-worker.js'
import {announcers} from './webhook/listener.js'
import type {Setting} from '../config/homelab.js'

type UpdatesParts = {
  readonly setting: Setting
  /** The state folder. */
  readonly folder: string
  readonly log: Log
  readonly notifier: Notifier
  readonly reporter: (stack: string) => Reporter
  /** By stack. */
  readonly sources: ReadonlyMap<string, StackSource>
  readonly now: () => number
  /** Never goes back: for what is only compared within this process. */
  readonly clock: () => number
  /** Told after every turn of a loop. */
  readonly onTurn: () => void
  readonly ears: Ears
}

/** What the parts of the updates' watchers share. */
type UpdatesRoom = UpdatesParts & {
  readonly jobs: Jobs
  readonly stacks: () => Promise<readonly DeclaredStack[]>
  readonly hands: () => Promise<CascadeHands>
  readonly accept: (announcements: readonly Announcement[], origin: JobOrigin) => Promise<Accepted[]>
  readonly pulse: () => Pulse
}

/** The watchers of updates: who listens, who works on the queue, who catches up. */
export function assembleUpdates(parts: UpdatesParts): {watchers: Watcher[]; pulse: () => Pulse} {
  const {setting, folder, log, notifier, now, clock, onTurn} = parts
  const {updates, watch} = setting.configuration
  const jobs = openJobs(folder, {now: () => new Date(), log})
  const wakeup = createWakeup()
  const beat = heartbeat('updates', clock, onTurn)
  const room = roomOf(parts, {jobs, wakeup, pulse: () => beat.pulse()})
  const {stacks, hands} = room
  const rejected = async () => (await hands()).books.rejected.list()
  const rules = (stack: DeclaredStack, service: string) =>
    rulesFor(updates, stack.name, service, stack.services.get(service)?.labels ?? new Map())
  const lost = (read: readonly DeclaredStack[]) => lostEntries(updates, read, [...parts.sources.keys()]).map(({says}) => says)
  const told = new Set<string>()
  const worker = updatesWatcher({
    jobs,
    notifier,
    log,
    beat,
    wakeup,
    now,
    batch: updates.batch * 1000,
    resync: watch.resync * 1000,
    sift: sifter({
      jobs,
      notifier,
      log,
      now,
      stacks,
      known: new Set(parts.sources.keys()),
      rules,
      lost,
      rejected,
      pause: updatesPause(folder, {now: () => new Date(), log}),
    }),
    open: () => openStacks(parts.sources, log, told),
    resume: async (stack, begun, signal) => resumeOpen(begun, {...(await runOf(stack, room)), notifier}, signal),
    work: async (stack, due, signal) => (await runJobs(due, await runOf(stack, room), signal)).done,
  })
  return {watchers: [worker, ...announcers(room)], pulse: () => beat.pulse()}
}

type Heart = {readonly jobs: Jobs; readonly wakeup: Wakeup; readonly pulse: () => Pulse}

function roomOf(parts: UpdatesParts, {jobs, wakeup, pulse}: Heart): UpdatesRoom {
  const {log, now} = parts
  const readable = readableOf(parts.sources)
  const stacks = async (): Promise<DeclaredStack[]> => (await readable()).map(({stack}) => stack)
  const hands = async (): Promise<CascadeHands> => first(await readable()).hands
  const rejected = async () => (await hands()).books.rejected.list()
  const containers = async () => (await hands()).engine.identities(new AbortController().signal).catch(() => new Map())
  const acceptBatch = inBatches(async (posted: readonly Posted[]) => {
    const newId = (await hands()).newOperation
    return acceptAll(posted, {jobs, log, now, newId, stacks, rejected, containers, wake: () => wakeup.wake()})
  })
  const accept = (announcements: readonly Announcement[], origin: JobOrigin): Promise<Accepted[]> =>
    acceptBatch(announcements.map((announced) => ({announced, origin})))
  return {...parts, jobs, stacks, hands, accept, pulse}
}

function sourceOf(stack: string, {sources}: UpdatesRoom): StackSource {
  const source = sources.get(stack)
  if (source === undefined) throw new Error(`no stack ${stack}`)
  return source
}

/** What the jobs of a stack are done with, as its files say it now. */
async function runOf(name: string, room: UpdatesRoom): Promise<JobsRun> {
  const {setting, folder, jobs, log, reporter} = room
  const {stack, hands} = await sourceOf(name, room)()
  const {healthy} = setting.configuration.timeouts
  return {stack, hands, setting, folder, jobs, log, reporter: reporter(name), watched: false, healthy, by: announced}
}

const announced = (due: readonly Job[]) =>
  ({is: 'watch', trigger: `${ORIGINS[due[0]?.origin ?? 'wud']}: ${due.map(({service}) => service).join(', ')}`}) as const

const ORIGINS: Readonly<Record<JobOrigin, string>> = {
  wud: "What's Up Docker",
  'catch-up': "What's Up Docker, caught up",
  script: 'a script',
  operator: 'its operator',
}
