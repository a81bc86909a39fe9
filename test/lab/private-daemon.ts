import {once} from 'node:events'
import {readFile, rm} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {execa, type Options, type Result} from 'execa'
import {removeCgroups} from './cgroups.js'
import {daemonLog, writeDaemonSettings, type DaemonSettings} from './daemon-settings.js'
import {storeOfTests, type ImageStore} from './image-store.js'
import {recordOwner} from './owners.js'
import {openMachine, type Machine, type Program} from './private-machine.js'

/** A Docker daemon with a containerd, a network and a /run of its own: it may be stopped, killed and cut off. */
export type PrivateDaemon = {
  /** unix://… */
  readonly host: string
  /** The folder of all its images and containers. */
  readonly disk: string
  /** dockerd's process, as this machine numbers it; undefined while it does not run. */
  pid(): number | undefined
  /** Ends when dockerd answers. @throws Error with the end of its log if it does not within 60 s. */
  start(): Promise<void>
  /**
   * Ends dockerd alone, and waits for that; containerd goes on, as where systemd runs both. SIGTERM stops the containers,
   * SIGKILL leaves them running.
   */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** dockerd hangs: it accepts connections, and answers nothing. */
  hang(): void
  goOn(): Promise<void>
  /** Ends everything at once, as a power cut: of daemons, containers, networks and /run, only what is on disk stays. */
  cutPower(): Promise<void>
  /** Runs a command where dockerd runs: in its network, with its process numbers and its /run, where Docker is this one. */
  inNetwork(argv: readonly string[], options?: Options): Promise<Result>
  /** Leaves nothing, whatever happened before. Safe to call twice. */
  remove(): Promise<void>
}

/** What a private daemon cannot be without, and is missing here; undefined if nothing is. */
export async function privateDaemonLacks(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'root'
  const programs = 'for name in dockerd containerd nsenter setpriv unshare ip; do command -v $name >/dev/null || echo $name; done'
  const missing = (await execa('sh', ['-c', programs])).stdout.split('\n').filter((name) => name !== '')
  if (missing.length > 0) return `the program ${missing.join(', ')}`
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'ip', 'link', 'set', 'lo', 'up']
  return (await execa('unshare', namespaces, {reject: false})).failed ? 'namespaces of its own, which unshare may not make here' : undefined
}

/** How a folder for a private daemon is named, so that what a killed run has left is found: mkdtemp adds the rest. */
export const PRIVATE_DAEMON = 'homelab-daemon-'

export type DaemonOptions = {
  /** Bytes that all its images and containers may take; without it what the disk has. They do not outlive a power cut. */
  readonly room?: number
  readonly store?: ImageStore
}

/** @param folder An empty one for this daemon alone, with a name that nobody else has; `remove` removes it. */
export async function startPrivateDaemon(folder: string, options: DaemonOptions = {}): Promise<PrivateDaemon> {
  const {room, store = storeOfTests(process.env)} = options
  const cgroup = path.basename(folder)
  const settings = await writeDaemonSettings(folder, cgroup, store)
  await recordOwner(folder)
  let machine: Machine | undefined
  let dockerd: Program | undefined
  const start = async (): Promise<void> => {
    machine ??= await boot(folder, settings, room)
    dockerd = await machine.start(settings.dockerd, daemonLog(folder))
    await answers(settings.host, dockerd, folder)
  }
  const cutPower = async (): Promise<void> => {
    await machine?.cut()
    machine = undefined
    await removeCgroups(cgroup)
  }
  const remove = async (): Promise<void> => {
    await cutPower()
    await removeDaemon(folder)
  }
  await start().catch(async (error: unknown) => {
    await remove()
    throw error
  })
  return {
    host: settings.host,
    disk: settings.disk,
    pid: () => dockerd?.pid(),
    start,
    stop: async (signal) => dockerd?.stop(signal),
    hang: () => dockerd?.suspend(),
    goOn: async () => dockerd?.resume(),
    cutPower,
    inNetwork: (argv, options) => {
      if (machine === undefined) throw new Error('The power of the private daemon is cut: start it first.')
      return machine.run(argv, options)
    },
    remove,
  }
}

/** What is left of one whose processes have ended. */
export async function removeDaemon(folder: string): Promise<void> {
  await removeCgroups(path.basename(folder))
  await rm(folder, {recursive: true, force: true})
}

/** containerd starts and ends with the machine. dockerd waits for it. */
async function boot(folder: string, {containerd, disk}: DaemonSettings, room: number | undefined): Promise<Machine> {
  const machine = await openMachine()
  if (room !== undefined) {
    const {failed, all} = await machine.run(['mount', '-t', 'tmpfs', '-o', `size=${room}`, 'tmpfs', disk])
    if (failed) throw new Error(`No small disk for a private daemon: ${String(all)}`)
  }
  await machine.start(containerd, daemonLog(folder))
  return machine
}

async function answers(host: string, dockerd: Program, folder: string): Promise<void> {
  const until = Date.now() + 60_000
  const ended = once(dockerd.child, 'exit')
  while (Date.now() < until && dockerd.pid() !== undefined) {
    if (!(await execa('docker', ['version'], {env: {DOCKER_HOST: host}, reject: false})).failed) return
    await Promise.race([sleep(50), ended])
  }
  const log = await readFile(daemonLog(folder), 'utf8')
  throw new Error(`The private dockerd does not answer. The end of its log:\n${log.split('\n').slice(-15).join('\n')}`)
}
