import type {CascadeHands} from '../cascade/observe.js'
import {carryOut} from '../update/run.js'
import {bringToEnd} from '../update/resume.js'
import type {DeclaredStack} from '../model/stack.js'
import {repositoryOf} from '../model/image.js'
import type {Log} from '../model/log.js'
import type {Reporter} from '../model/plan.js'
import type {Notifier} from '../model/notification.js'
import {type ServiceUpdate, isOpen, type Job, type JobOrigin} from '../model/update.js'
import {updateAlert} from '../update/alerts.js'
import {outcomeOf} from '../update/queue/outcome.js'
import {lostEntries, rulesFor} from '../update/policy.js'
import {renewalFor} from '../update/plan-image-change.js'
import {first, openStacks, readableOf, type StackSource} from './file-source.js'
import {openJobs, type Jobs} from '../update/queue/jobs.js'
import {updatesPause} from '../update/pause.js'
import {createWakeup, type Wakeup} from '../util/wakeup.js'
import type {Ears, Watcher} from './supervisor.js'
import {heartbeat, type Pulse} from './heartbeat.js'
import type {Accepted, Announcement} from './webhook/payload.js'
import {acceptAll, type Posted, inBatches} from './webhook/accept.js'
import {resumeJobs, workOff, type Done} from '../update/queue/work.js'
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
    resume: (stack, running, signal) => resume(stack, running, room, signal),
    work: (stack, due, signal) => work(stack, due, room, signal),
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

const intentOf = ({setting}: UpdatesRoom, services: readonly string[]) => ({
  services,
  limits: {healthy: setting.configuration.timeouts.healthy},
})

async function work(name: string, due: readonly Job[], room: UpdatesRoom, signal: AbortSignal): Promise<Done | undefined> {
  const {jobs, log, now, setting, folder} = room
  const {stack, hands} = await sourceOf(name, room)()
  const update = async (chosen: readonly Job[], op: string, stopping: AbortSignal) => {
    const references = referencesOf(chosen, stack)
    const services = chosen.map(({service}) => service)
    const trigger = `${ORIGINS[chosen[0]?.origin ?? 'wud']}: ${services.join(', ')}`
    return carryOut(
      {
        files: stack,
        verb: 'update',
        all: setting.stacks,
        dryRun: false,
        intent: intentOf(room, services),
        renewal: renewalFor({setting, hands, folder, retry: false, watched: false, references, op}),
        by: {is: 'watch', trigger},
      },
      hands,
      room.reporter(name),
      stopping,
    )
  }
  return workOff(due, {jobs, log, now, newOperation: hands.newOperation, update}, signal)
}

const ORIGINS: Readonly<Record<JobOrigin, string>> = {
  wud: "What's Up Docker",
  'catch-up': "What's Up Docker, caught up",
  script: 'a script',
  operator: 'its operator',
}

/** The whole references that new tags make. */
function referencesOf(jobs: readonly Job[], stack: DeclaredStack): Map<string, string> {
  const pairs = jobs.flatMap(({service, change}) => {
    const image = stack.services.get(service)?.image
    return change.kind === 'tag' && image !== undefined ? [[service, `${repositoryOf(image)}:${change.tag}`] as const] : []
  })
  return new Map(pairs)
}

/** @param begun Jobs that nobody does any more; undefined: those of an update that is open once nothing else works on the stack. */
async function resume(name: string, begun: readonly Job[] | undefined, room: UpdatesRoom, signal: AbortSignal): Promise<void> {
  const {jobs, log, now, setting, folder} = room
  const {stack, hands} = await sourceOf(name, room)()
  const renewal = renewalFor({setting, hands, folder, retry: false, watched: false, references: new Map(), op: undefined})
  let running = begun ?? []
  const settled = await hands.exclusively(stack.project, `homelab watch: updates of ${name}`, async () => {
    const open = await hands.books.transactions.read(stack.project)
    if (open === undefined && begun === undefined) return undefined
    if (begun === undefined) running = (await jobs.all()).filter((job) => job.stack === name && job.state === 'running')
    if (open !== undefined) log.warn(`${name}: an update was left in the middle (${open.trigger}), and is brought to its end`)
    return bringToEnd(stack, {...intentOf(room, []), renewal: await renewal(stack)}, {hands, reporter: room.reporter(name), signal})
  })
  if (signal.aborted) return
  await resumeJobs(running.filter(isOpen), settled?.updates, {jobs, log, now})
  const others = (settled?.updates ?? []).filter(({service}) => !running.some((job) => job.service === service))
  const alert = updateAlert(
    others.map((update) => ({job: endedByHand(name, update, now()), update})),
    now(),
  )
  if (alert !== undefined) await room.notifier.post(alert)
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
