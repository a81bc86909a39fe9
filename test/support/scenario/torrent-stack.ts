import {readlink} from 'node:fs/promises'
import Docker from 'dockerode'
import {execa} from 'execa'
import {expect} from 'vitest'
import type {JournalRecord} from '../../../src/lib/journal/record.js'
import type {Notification} from '../../../src/lib/model/notification.js'
import type {Lab} from '../../lab/lab.js'
import {timed} from '../../lab/time-spent.js'
import {ask} from './docker.js'
import {eventually} from './eventually.js'
import {stateFolder} from './state-folder.js'

export const DEPENDENTS = [
  'qbittorrent',
  'sonarr',
  'radarr',
  'prowlarr',
  'bazarr',
  'flaresolverr',
  'unpackerr',
  'recyclarr',
  'cross-seed',
] as const

/** By the variable of `.env` that names the port; gluetun publishes it. */
export const PUBLISHED = {
  QBITTORRENT_PORT: 'qbittorrent',
  SONARR_PORT: 'sonarr',
  RADARR_PORT: 'radarr',
  PROWLARR_PORT: 'prowlarr',
  BAZARR_PORT: 'bazarr',
  FLARESOLVERR_PORT: 'flaresolverr',
  CROSSSEED_PORT: 'cross-seed',
} as const

export type Inspected = {
  Id: string
  Name: string
  State: {Status: string; Pid: number; StartedAt: string; ExitCode: number; Error: string; Health?: {Status: string}}
  Config: {Labels: Record<string, string>}
}

/** Where the stack runs: this machine, or a private daemon's. */
export type Place = {
  /** The network namespace of a process that Docker names. */
  namespace(pid: number): Promise<string>
  /** What is said through a published port. */
  ask(port: number): Promise<string>
}

const HERE: Place = {namespace: (pid) => readlink(`/proc/${pid}/ns/net`), ask}

function whenGone(error: unknown): undefined {
  if ((error as {statusCode?: number}).statusCode !== 404) throw error
}

/** The torrent stack of a lab, as a test sees it, past the program under test. */
export type TorrentStack = ReturnType<typeof torrentStack>

/** What an end looks like that is whole. */
type Whole = {
  /** Dependents that do not run, and are not to. */
  readonly stopped?: readonly string[]
  /** Operations of verb `cascade` since the mark, all of them ended. */
  readonly cascades?: number
  /** The place in the journal, of `mark()`. */
  readonly since?: number
  /** Seconds. */
  readonly within?: number
}

export function torrentStack(lab: Lab, place: Place = HERE) {
  const state = stateFolder(lab)
  const container = (service: string): string => lab.container('torrent', service)
  const engine = new Docker(lab.env.DOCKER_HOST === undefined ? {} : {socketPath: lab.env.DOCKER_HOST.replace(/^unix:\/\//, '')})
  /** Those that are there, by service. */
  const inspect = (...services: readonly string[]): Promise<Map<string, Inspected>> =>
    timed('docker', async () => {
      const asked = services.map(async (service): Promise<[string, Inspected][]> => {
        const found: unknown = await engine.getContainer(container(service)).inspect().catch(whenGone)
        return found === undefined ? [] : [[service, found as Inspected]]
      })
      return new Map((await Promise.all(asked)).flat())
    })
  const one = async (service: string): Promise<Inspected> => {
    const found = (await inspect(service)).get(service)
    if (found === undefined) throw new Error(`${service} has no container`)
    return found
  }
  const journalSince = async (mark = 0): Promise<JournalRecord[]> => (await state.journal()).slice(mark)
  /** Operations of that verb that began since the mark. */
  const begun = async (mark: number, verb = 'cascade'): Promise<string[]> =>
    (await journalSince(mark)).filter((line) => line.kind === 'began' && line.verb === verb).map(({op}) => op)

  const faults = async (stopped: readonly string[] = []): Promise<string[]> => {
    const seen = await inspect('gluetun', ...lab.dependents)
    const gateway = seen.get('gluetun')
    if (gateway?.State.Status !== 'running' || gateway.State.Health?.Status !== 'healthy')
      return [`gluetun: ${gateway?.State.Status}, ${gateway?.State.Health?.Status}`]
    const present = await place.namespace(gateway.State.Pid)
    const found = await Promise.all(
      lab.dependents.map(async (service) => {
        const its = seen.get(service)?.State
        if (stopped.includes(service)) return its?.Status === 'running' ? [`${service} runs, and was stopped by its operator`] : []
        if (its?.Status !== 'running') return [`${service}: ${its?.Status} ${its?.Error}`]
        if ((await place.namespace(its.Pid)) !== present) return [`${service} is in another namespace`]
        return its.Health?.Status === 'healthy' ? [] : [`${service}: ${its.Health?.Status}`]
      }),
    )
    return [...found.flat(), ...(await silent(stopped))]
  }

  const silent = async (stopped: readonly string[]): Promise<string[]> => {
    const asked = Object.entries(PUBLISHED).filter(([, service]) => lab.dependents.includes(service) && !stopped.includes(service))
    const answers = await Promise.all(
      asked.map(async ([port, service]) => {
        const answer = await place.ask(lab.ports[port] ?? 0).catch(String)
        return answer.startsWith(service) ? [] : [`${service} does not answer through gluetun: ${answer}`]
      }),
    )
    return answers.flat()
  }

  /** What is still under way, or wrong, in what homelab has written down. */
  const unwritten = async ({cascades, since = 0}: Whole): Promise<string[]> => {
    const [memory, lines] = await Promise.all([state.memory(), journalSince(since)])
    const ops = lines.filter((line) => line.kind === 'began' && line.verb === 'cascade').map(({op}) => op)
    const open = ops.filter((op) => !lines.some((line) => line.kind === 'ended' && line.op === op))
    return [
      ...memory.parked.map(({service}) => `${service} is still parked`),
      ...(memory.episode === undefined ? [] : ['a repair is under way']),
      ...open.map((op) => `${op} has no end`),
      ...(cascades === undefined || ops.length === cascades ? [] : [`${ops.length} cascades, not ${cascades}`]),
    ]
  }

  return {
    lab,
    state,
    container,
    inspect: one,
    docker: (...args: readonly string[]): Promise<string> => lab.docker(...args),
    /** What a person would type in the Compose folder. */
    compose: (...args: readonly string[]): Promise<unknown> =>
      execa('docker', ['compose', '-f', 'torrent.yml', '-f', 'torrent.override.yml', ...args], {
        cwd: `${lab.home}/compose`,
        ...(lab.env.DOCKER_HOST !== undefined && {env: {DOCKER_HOST: lab.env.DOCKER_HOST}}),
      }),
    /** A place in the journal. */
    mark: async (): Promise<number> => (await state.journal()).length,
    journalSince,
    begun,
    healthy: (service: string): Promise<true> =>
      eventually(async () => (await one(service)).State.Health?.Status === 'healthy', {within: 20, what: `${service}, healthy,`}),
    /** Everything runs where it belongs and answers, and what was done is written down to its end. */
    whole: async ({stopped = [], within = 30, ...written}: Whole = {}): Promise<void> => {
      await eventually(async () => expect([...(await faults(stopped)), ...(await unwritten(written))]).toEqual([]), {
        within,
        what: 'the whole stack',
      })
    },
    /** Whatever a test has left: whole again, and nothing remembered. */
    restore: async (stopped: readonly string[] = []): Promise<void> => {
      const wrong = [...(await faults(stopped).catch((error: unknown) => [String(error)])), ...(await unwritten({}))]
      if (wrong.length === 0) return
      console.log('The test before has left:', wrong)
      const run = async (...args: readonly string[]) => lab.homelab(args)
      await run('cascade', '--resume')
      await run('stack', 'torrent', 'restart')
      const up = await run('stack', 'torrent', 'up')
      expect(up.exitCode, String(up.all)).toBe(0)
      await run('cascade')
      if (stopped.length > 0) await lab.docker('stop', ...stopped.map((service) => container(service)))
    },
    faults,
    alerts: async (): Promise<Notification[]> => state.outbox(),
  }
}
