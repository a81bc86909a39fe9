import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {afterEach} from 'vitest'
import type {Lab} from '../../lab/lab.js'
import {programOf} from '../../lab/workshop.js'
import {eventually} from './eventually.js'
import {writeSettings, type Settings} from './settings.js'

type Pulse = {name: string; phase: string; ok: boolean; lastLookSeconds: number | null; trouble?: string}

/** `homelab watch cascade`, or another one, as a child process of the test. */
export type Watcher = {
  readonly pid: number
  /** Everything that it has said so far. */
  log(): string
  /** @returns What /health says. */
  health(): Promise<{status: number; watchers: Pulse[]}>
  /** Ends when it has looked at the torrent stack after that moment of performance.now(); without one, ever. */
  looked(moment?: number): Promise<unknown>
  /** @returns Its exit code; the name of the signal if that ended it. */
  stop(signal: 'SIGTERM' | 'SIGINT'): Promise<number | string>
  /** SIGKILL to it alone, as the kernel does when memory runs out; what it has started goes on. */
  kill(): Promise<void>
  /** Sends a signal and does not wait. */
  signal(name: 'SIGTERM'): void
  /** Its exit code; the name of the signal if that ended it. */
  ended(): Promise<number | string>
  /** A new one with the same settings, when it has begun to watch. */
  restart(): Promise<Watcher>
}

export type WatcherOptions = {
  readonly config?: Settings
  readonly env?: Readonly<Record<string, string>>
  /** Which; `cascade` if nothing is said, `all` as the unit runs it. */
  readonly which?: 'cascade' | 'updates' | 'vpn' | 'all' | undefined
}

/** Watchers of one file's lab. Those that are left are killed after each test, also when it fails. */
export function useWatchers(lab: () => Lab): (options?: WatcherOptions) => Promise<Watcher> {
  const children: ChildProcess[] = []
  afterEach(async () => {
    await Promise.all(children.splice(0).map((child) => killed(child)))
  })
  return ({config, env = {}, which} = {}) => startWatcher(lab(), {...(config && {config}), env, which}, (child) => children.push(child))
}

/** Ends when it has begun to watch. @param made Is given the process at once. */
export async function startWatcher(
  lab: Lab,
  {config, env = {}, which = 'cascade'}: WatcherOptions,
  made: (child: ChildProcess) => unknown,
): Promise<Watcher> {
  const health = await writeSettings(lab, config)
  const begin = async (): Promise<Watcher> => {
    const child = spawnWatcher({...lab.env, ...env}, which)
    made(child)
    const watcher = watcherOf(child, health, begin)
    await eventually(() => isOver(child) || watcher.log().includes(' watching '), {within: 20, what: 'a watcher that begins'})
    if (isOver(child)) throw new Error(`the watcher ended:\n${watcher.log()}`)
    return watcher
  }
  return begin()
}

/** It dies with the tests, also when those are killed. */
const spawnWatcher = (env: Readonly<Record<string, string>>, which: string): ChildProcess =>
  spawn('setpriv', ['--pdeathsig', 'KILL', programOf(), 'watch', ...(which === 'all' ? [] : [which])], {
    env: {...process.env, ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  })

const isOver = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

async function killed(child: ChildProcess): Promise<void> {
  if (isOver(child)) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

function watcherOf(child: ChildProcess, health: string, restart: () => Promise<Watcher>): Watcher {
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (log += String(chunk)))
  const ended = async (): Promise<number | string> => {
    if (!isOver(child)) await once(child, 'exit')
    return child.exitCode ?? child.signalCode ?? 'nothing'
  }
  const askHealth = async (): ReturnType<Watcher['health']> => {
    const answer = await fetch(health, {signal: AbortSignal.timeout(2000)})
    return {status: answer.status, ...((await answer.json()) as {watchers: Pulse[]})}
  }
  const looked = async (moment: number): Promise<boolean> => {
    const pulse = (await askHealth()).watchers.find(({name}) => name === 'cascade torrent')
    return performance.now() - (pulse?.lastLookSeconds ?? Infinity) * 1000 > moment
  }
  return {
    pid: child.pid ?? 0,
    log: () => log,
    health: askHealth,
    looked: (moment = -Number.MAX_VALUE) => eventually(() => looked(moment), {within: 15, what: 'a look of the watcher'}),
    stop: (signal) => {
      child.kill(signal)
      return ended()
    },
    kill: () => killed(child),
    signal: (name) => void child.kill(name),
    ended,
    restart,
  }
}
