import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {open, readFile} from 'node:fs/promises'
import {setTimeout as sleep} from 'node:timers/promises'
import {execa, type Options, type Result} from 'execa'

/**
 * Namespaces of their own for network, mounts and processes, like a machine that has just booted: a loopback interface, an
 * empty /run, and a first process. When that one ends, the kernel ends all others in there, mounts and interfaces too.
 */
export type Machine = {
  /** Its first process, as the machine around it numbers it. */
  readonly pid: number
  /** Starts a program in there. What it writes is appended to the file. */
  start(argv: readonly string[], log: string): Promise<Program>
  /** Runs a command in there to its end. */
  run(argv: readonly string[], options?: Options): Promise<Result>
  /** Ends it and everything in it. Safe to call twice. */
  cut(): Promise<void>
}

export type Program = {
  /** nsenter, which ends when the program does. */
  readonly child: ChildProcess
  /** As the machine around it numbers it; undefined once it has ended. */
  pid(): number | undefined
  /** Waits for its end. */
  stop(signal: NodeJS.Signals): Promise<void>
  /** It hangs: SIGSTOP. nsenter then stops itself, too; continued, it continues the program. */
  suspend(): void
  resume(): Promise<void>
}

/** As a first process must, it collects orphans: a daemon waits until a killed container's processes are gone. */
const FIRST_PROCESS = `
mount -t tmpfs tmpfs /run
ip link set lo up
echo up
while :; do sleep 3600 & wait; done`

const NAMESPACES = ['--net', '--mount', '--pid']

/** @throws Error if this process may not make namespaces. */
export async function openMachine(): Promise<Machine> {
  // It ends with this process, also when that is killed; `detached` keeps a Ctrl-C away, which is for who cuts it then.
  const unshare = ['unshare', ...NAMESPACES, '--fork', '--kill-child', '--mount-proc', 'sh', '-ec', FIRST_PROCESS]
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...unshare], {stdio: ['ignore', 'pipe', 'pipe'], detached: true})
  let wrong = ''
  child.stderr.on('data', (chunk: Buffer) => (wrong += String(chunk)))
  const [said] = (await Promise.race([once(child.stdout, 'data'), once(child, 'close')])) as [unknown]
  if (String(said) !== 'up\n') throw new Error(`No namespaces for a private daemon: ${wrong}`)
  const first = await onlyChildOf(child.pid)
  const inside = ['--target', String(first), ...NAMESPACES, '--']
  return {
    pid: first,
    start: async (argv, log) => {
      const file = await open(log, 'a')
      const nsenter = spawn('nsenter', [...inside, ...argv], {stdio: ['ignore', file.fd, file.fd], detached: true})
      await file.close()
      return program(nsenter)
    },
    run: (argv, options) => execa('nsenter', [...inside, ...argv], {reject: false, all: true, ...options}),
    cut: () => end(child, first, 'SIGKILL'),
  }
}

async function program(nsenter: ChildProcess): Promise<Program> {
  const pid = await onlyChildOf(nsenter.pid)
  return {
    child: nsenter,
    pid: () => (ended(nsenter) ? undefined : pid),
    stop: (signal) => end(nsenter, pid, signal),
    suspend: () => void process.kill(pid, 'SIGSTOP'),
    resume: async () => {
      for (; !ended(nsenter) && (await isStopped(pid)); await sleep(20)) nsenter.kill('SIGCONT')
    },
  }
}

/** "4711 (dockerd) T …" */
const isStopped = async (pid: number): Promise<boolean> => / T /.test((await readFile(`/proc/${pid}/stat`, 'utf8')).slice(0, 40))

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

async function end(child: ChildProcess, pid: number, signal: NodeJS.Signals): Promise<void> {
  if (ended(child)) return
  const end = once(child, 'exit')
  process.kill(pid, signal)
  await end
}

/** `unshare --fork` and `nsenter --pid` start one process in the other namespaces and wait for it: that one. */
async function onlyChildOf(parent: number | undefined): Promise<number> {
  for (let tries = 0; tries < 500; tries++) {
    const pid = Number((await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8')).trim())
    if (pid > 0) return pid
    await sleep(10)
  }
  throw new Error(`process ${parent} has started no other`)
}
