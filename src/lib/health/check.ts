import {setMaxListeners} from 'node:events'
import {availableParallelism, hostname, loadavg} from 'node:os'
import {join} from 'node:path'
import {observeEach} from '../stack/status.js'
import type {DiagnosedEngine} from '../docker/engine.js'
import {askedTwice, isLate, strainOf, type Strain} from './asked-twice.js'
import {clockFinding, hostSubjects} from './host.js'
import {brokenSubjects, dockerSubjects, envSubject} from './docker.js'
import {stackSubjects} from './services.js'
import {updateFindings, watcherFindings} from './automation.js'
import type {StackFiles} from '../model/stack.js'
import type {Subject} from '../model/finding.js'
import {OperatorError, Silent} from '../util/errors.js'
import {openJobs} from '../update/queue/jobs.js'
import {updatesPause} from '../update/pause.js'
import {rememberedTunnel} from '../vpn/tunnel-memory.js'
import {rejectedImages} from '../update/rejected.js'
import {within} from '../util/timeout.js'
import {vpnSubjects} from '../vpn/inspect.js'
import type {Setting} from '../config/homelab.js'
import {age} from '../util/text.js'
import {listenAddress} from '../config/load.js'

type HealthLook = {
  readonly setting: Setting
  readonly engine: DiagnosedEngine
  readonly stacks: readonly StackFiles[]
  /** Of `.env`, and what is wrong with it. */
  readonly variables: Readonly<Record<string, string>>
  readonly envProblem: OperatorError | undefined
  /** The state folder. */
  readonly folder: string
  /** Without this machine: only what the stacks are. */
  readonly stacksOnly: boolean
  readonly signal: AbortSignal
}

/** Milliseconds for all that Docker is asked before the services themselves can be, and for all that follows. */
const DOCKER_MS = 3_000
const WHOLE_MS = 4_500
/** Of it, for what is made of the last answer. */
const SPARE_MS = 500

/**
 * Everything that is checked, all at once. What does not answer in time is asked once more; then it is told, and kept waiting
 * for by nobody.
 */
export async function lookAtHealth(look: HealthLook): Promise<Subject[]> {
  const strain = (): Strain => strainOf(loadavg()[0] ?? 0, availableParallelism())
  const first = await lookOnce(look, strain())
  if (!isLate(first)) return first
  const busy = strain()
  return askedTwice(first, await lookOnce(look, busy), busy)
}

async function lookOnce(look: HealthLook, {factor}: Strain): Promise<Subject[]> {
  // What still hangs in the end is cut off, so that nobody waits for it.
  const ending = new AbortController()
  // Every question listens to it; Node takes eleven for a leak.
  setMaxListeners(0, ending.signal)
  const stop = (): void => ending.abort()
  look.signal.addEventListener('abort', stop, {once: true})
  try {
    return await lookAtAll({...look, factor, signal: ending.signal})
  } finally {
    look.signal.removeEventListener('abort', stop)
    stop()
    look.signal.throwIfAborted()
  }
}

/** @param factor What each limit is multiplied by. */
type OneLook = HealthLook & {readonly factor: number}

async function lookAtAll(look: OneLook): Promise<Subject[]> {
  const daemon = about(look)
  const parts = [ofStacks(look, daemon), ...(look.stacksOnly ? [] : [ofHost(look, daemon)])]
  return (await Promise.all(parts.map((part) => within(WHOLE_MS * look.factor, part, () => [TOO_LONG])))).flat()
}

const TOO_LONG: Subject = {
  area: 'host',
  subject: 'health',
  findings: [{is: 'unknown', check: 'time', says: 'a part of the checks took too long', late: true}],
}

type Asked = ReturnType<typeof about>

async function ofStacks(look: OneLook, daemon: Asked): Promise<Subject[]> {
  const {engine, stacks, signal, setting, envProblem, factor} = look
  const {health, vpn} = setting.configuration
  const began = Date.now()
  const seen = await within(DOCKER_MS * factor, observeEach(stacks, engine, signal, setting.stacks), () => ({
    worlds: [],
    failed: [],
    late: true,
  }))
  const shared = seen.worlds.flatMap(({stack}) => stack.sharedNetworks)
  const words = {now: Date.now(), age}
  const limit = health.timeout * 1000 * factor
  const subjects = await Promise.all([
    daemon.then((said) =>
      vpnSubjects(seen.worlds, {
        ...{setting, engine, variables: look.variables, signal, limit: Math.min(limit, vpn.timeout * 1000 * factor)},
        ...{remembered: rememberedTunnel(look.folder), now: Date.now, until: began + WHOLE_MS * factor - SPARE_MS},
        subnets: said instanceof Error ? new Map() : said.subnets,
      }),
    ),
    ...seen.worlds.map((world) => stackSubjects(world, {engine, signal, limit, ...words})),
  ])
  // What is wrong with .env makes Compose refuse each stack: that is told once.
  const broken = envProblem !== undefined && seen.worlds.length === 0 ? [] : brokenSubjects(seen.failed)
  const late = 'late' in seen && !((await daemon) instanceof Error)
  return [
    ...(look.stacksOnly ? [] : dockerSubjects(await daemon, shared, hostname())),
    ...(late ? [lateSubject(DOCKER_MS * factor)] : []),
    ...subjects.flat(),
    ...broken,
  ]
}

const lateSubject = (milliseconds: number): Subject => ({
  area: 'host',
  subject: 'docker',
  findings: [
    {
      is: 'bad',
      check: 'stacks',
      says: `nothing could be told of the stacks within ${milliseconds / 1000} s`,
      next: ['docker ps'],
      late: true,
    },
  ],
})

const hangs = (milliseconds: number): OperatorError =>
  new Silent(`Docker does not answer within ${milliseconds / 1000} s.`, {
    next: ['sudo systemctl status docker', 'sudo journalctl -u docker -n 50'],
  })

const about = ({engine, signal, factor}: OneLook): Promise<Awaited<ReturnType<DiagnosedEngine['about']>> | OperatorError> =>
  within(
    DOCKER_MS * factor,
    engine.about(signal).catch((error: unknown) => {
      if (error instanceof OperatorError) return error
      throw error
    }),
    () => hangs(DOCKER_MS * factor),
  )

async function ofHost(look: OneLook, daemon: Asked): Promise<Subject[]> {
  const {setting, variables, folder, signal, envProblem} = look
  const {health, watch} = setting.configuration
  const limit = health.timeout * 1000 * look.factor
  const patience = {signal, limit}
  const [host, clock, watchers, updates] = await Promise.all([
    hostSubjects({
      media: variables.MEDIA_DIR || '/mnt/media',
      configs: variables.CONFIG_DIR || '/var/lib/homelab-media-configs',
      state: folder,
      docker: daemon.then((said) => (said instanceof Error ? undefined : said.root)),
      library: health.library,
      puid: Number(variables.PUID || 1000),
      pgid: Number(variables.PGID || 1000),
      ownDisk: health.mediaDisk,
      limits: health.disk,
      patience: limit,
    }),
    clockFinding(patience),
    watcherFindings(listenAddress(watch.listen), patience),
    ofUpdates(folder),
  ])
  const one = (subject: string, findings: Subject['findings']): Subject => ({area: 'host', subject, findings})
  return [envSubject(join(setting.composeDir, '.env'), envProblem), ...host, one('time', [clock]), one('watch', watchers), updates]
}

/** By what is on disk: no registry is asked. */
async function ofUpdates(folder: string): Promise<Subject> {
  const options = {now: () => new Date(), log: {info: () => undefined, warn: () => undefined, error: () => undefined}}
  const base = {area: 'host', subject: 'updates'}
  try {
    const [jobs, rejected, paused] = await Promise.all([
      openJobs(folder, options).all(),
      rejectedImages(folder, options).list(),
      updatesPause(folder, options).read(),
    ])
    return {...base, findings: updateFindings({jobs, rejected, paused}, {now: Date.now(), age})}
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    return {...base, findings: [{is: 'unknown', check: 'updates', says: error.message, next: error.next}]}
  }
}
