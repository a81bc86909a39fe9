import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {freePorts} from '../lab/free-ports.js'
import type {Lab} from '../lab/lab.js'
import {ROOT} from '../lab/workshop.js'

/** `homelab watch`, the built program, as a child. */
export type RunningWatcher = {
  readonly pid: number
  /** Ends when it has found everything whole. */
  whole(): Promise<void>
  /** Everything that it has said. */
  log(): string
  stop(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
}

const MOST_MS = 60_000

/** It dies with us, also when we are killed. @param more Settings of homelab.yml. */
export async function startWatcher(lab: Lab, more: Readonly<Record<string, unknown>> = {}): Promise<RunningWatcher> {
  const [port = 0] = await freePorts(1)
  const settings = {cascade: {perHour: 1000}, watch: {listen: `127.0.0.1:${port}`}, ...more}
  await writeFile(path.join(lab.home, 'homelab.yml'), JSON.stringify(settings))
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, path.join(ROOT, 'bin/run.cjs'), 'watch'], {
    // Every start of Node reads it, and a homelab has no use for it.
    env: {...process.env, ...lab.env, NODE_EXTRA_CA_CERTS: undefined},
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log += String(chunk)))
  const ended = once(child, 'exit')
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    child.kill(signal)
    await ended
  }
  return {
    pid: child.pid ?? 0,
    log: () => log,
    whole: () => untilWhole(port, () => log),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

type Report = {watchers: {phase: string; ok: boolean}[]}

async function untilWhole(port: number, log: () => string): Promise<void> {
  const late = Date.now() + MOST_MS
  while (!(await isWhole(port))) {
    if (Date.now() > late) throw new Error(`the watcher does not find everything whole:\n${log()}`)
    await sleep(200)
  }
}

async function isWhole(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined)
  if (answer === undefined) return false
  const {watchers} = (await answer.json()) as Report
  return watchers.every(({phase, ok}) => ok && (['whole', 'no gateway', 'idle'].includes(phase) || phase.startsWith('port ')))
}
