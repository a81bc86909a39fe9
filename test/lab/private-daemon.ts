import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {mkdir, open, readFile, rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {execa, type Result} from 'execa'
import {removeCgroups} from './cgroups.js'
import {onlyChildOf} from './only-child.js'
import {inside, openMachine, type Machine} from './private-machine.js'

/** A Docker daemon of its own, with a containerd of its own, in which whole daemons can be stopped, killed and started. */
export type PrivateDaemon = {
  /** unix://… */
  readonly host: string
  /** dockerd's process, as this machine numbers it; undefined while it is stopped. */
  pid(): number | undefined
  /** Ends when dockerd answers again. @throws Error with the end of its log if it does not within 60 s. */
  start(): Promise<void>
  /** Ends dockerd alone, as `systemctl restart docker` (SIGTERM) or the kernel (SIGKILL) do: containerd goes on. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Everything ends at once: dockerd, containerd, containers, networks, /run. What is on disk stays for `start`. */
  cutPower(): Promise<void>
  /** Runs a command with the daemon's view: its network, its process numbers, its /run. */
  inNetwork(argv: readonly string[]): Promise<Result>
  /** Safe to call twice, and after every kind of end. */
  remove(): Promise<void>
}

/** Root that may make namespaces, and the programs of a Docker Engine. */
export async function canRunPrivateDaemon(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false
  const words = 'command -v dockerd containerd nsenter setpriv ip && unshare --net --mount --pid --fork --mount-proc ip link set lo up'
  return !(await execa('sh', ['-c', words], {reject: false})).failed
}

/** @param folder An empty one for this daemon alone; `remove` removes it. */
export async function startPrivateDaemon(folder: string): Promise<PrivateDaemon> {
  const cgroup = path.basename(folder)
  const socket = path.join(folder, 'docker.sock')
  await writeSettings(folder, cgroup, socket)
  let machine: Machine | undefined
  let containerd: ChildProcess | undefined
  let dockerd: ChildProcess | undefined
  let pid: number | undefined
  const start = async (): Promise<void> => {
    machine ??= await openMachine()
    containerd ??= await run(machine, folder, ['containerd', '--config', path.join(folder, 'containerd.toml')])
    dockerd = await run(machine, folder, ['dockerd', '--config-file', path.join(folder, 'daemon.json')])
    await answers(socket, dockerd, folder)
    pid = await onlyChildOf(dockerd.pid)
  }
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (dockerd === undefined || pid === undefined) return
    const ended = ending(dockerd)
    process.kill(pid, signal)
    await ended
    pid = undefined
  }
  const cutPower = async (): Promise<void> => {
    await machine?.cut()
    machine = containerd = dockerd = pid = undefined
    await removeCgroups(cgroup)
  }
  const remove = async (): Promise<void> => {
    await cutPower()
    await rm(folder, {recursive: true, force: true})
  }
  try {
    await start()
  } catch (error) {
    await remove()
    throw error
  }
  const inNetwork = (argv: readonly string[]): Promise<Result> => {
    if (machine === undefined) throw new Error('the private daemon’s power is cut: start it first')
    return execa('nsenter', [...inside(machine), ...argv], {reject: false, all: true})
  }
  return {host: `unix://${socket}`, pid: () => pid, start, stop, cutPower, inNetwork, remove}
}

/** All of dockerd's settings: without a file of its own it would read this machine's. */
async function writeSettings(folder: string, cgroup: string, socket: string): Promise<void> {
  await mkdir(folder, {recursive: true})
  const settings = {
    hosts: [`unix://${socket}`],
    'data-root': path.join(folder, 'data'),
    'exec-root': '/run/docker',
    pidfile: '/run/docker.pid',
    containerd: '/run/containerd/containerd.sock',
    'cgroup-parent': `/${cgroup}`,
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
  }
  await writeFile(path.join(folder, 'daemon.json'), JSON.stringify(settings))
  const containerd = [
    'version = 2',
    `root = ${JSON.stringify(path.join(folder, 'containerd'))}`,
    'state = "/run/containerd"',
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    '[grpc]',
    'address = "/run/containerd/containerd.sock"',
  ]
  await writeFile(path.join(folder, 'containerd.toml'), `${containerd.join('\n')}\n`)
}

const logOf = (folder: string): string => path.join(folder, 'daemon.log')

async function run(machine: Machine, folder: string, argv: readonly string[]): Promise<ChildProcess> {
  const log = await open(logOf(folder), 'a')
  // A process group of its own: a Ctrl-C is for the tests, which then remove it.
  const child = spawn('nsenter', [...inside(machine), ...argv], {stdio: ['ignore', log.fd, log.fd], detached: true})
  await log.close()
  return child
}

const ending = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}


async function answers(socket: string, dockerd: ChildProcess, folder: string): Promise<void> {
  const env = {DOCKER_HOST: `unix://${socket}`}
  for (const until = Date.now() + 60_000; Date.now() < until && dockerd.exitCode === null; await sleep(50))
    if (!(await execa('docker', ['version'], {env, reject: false})).failed) return
  const log = await readFile(logOf(folder), 'utf8')
  throw new Error(`The private dockerd does not answer:\n${log.split('\n').slice(-15).join('\n')}`)
}
