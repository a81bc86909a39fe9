import {spawn} from 'node:child_process'
import type {Environment} from '../config/environment.js'
import type {Log} from '../model/log.js'
import type {Pulse} from './heartbeat.js'

/** Tells systemd how the watcher is. Nothing of it throws; without systemd it says nothing to nobody. */
export type SystemdNotifier = {
  /** It works: what Type=notify waits for. */
  ready(status: string): Promise<void>
  /** One sentence for `systemctl status`. */
  status(text: string): Promise<void>
  /** It lives. Due at least as often as `watchdogMs` says. */
  watchdog(): Promise<void>
  /** It ends, and does so by itself. */
  stopping(): Promise<void>
}

/** systemd-notify waits until systemd has read the message, which a systemd that is stuck never does. */
const LIMIT_MS = 5_000

/**
 * The client of sd_notify(3), through the program systemd-notify: Node has no Unix datagram sockets. Messages arrive in
 * the order in which they were given. Silent without NOTIFY_SOCKET; the first message that cannot be sent is logged.
 * @param pid Of the watcher, as systemd takes the sender for a child of it.
 */
export function systemdNotifier(
  environment: Environment,
  {pid, log, limitMs = LIMIT_MS}: {pid: number; log: Log; limitMs?: number},
): SystemdNotifier {
  let last = Promise.resolve()
  let warned = false
  const warn = (why: string): void => {
    if (!warned) log.warn(`systemd cannot be told how the watcher is: systemd-notify ${why}. It will be taken for dead, and restarted.`)
    warned = true
  }
  const tell = (...variables: readonly string[]): Promise<void> => {
    if (!environment.NOTIFY_SOCKET) return last
    last = last.then(async () => {
      const failure = await send([`--pid=${pid}`, ...variables], environment, limitMs)
      if (failure !== undefined) warn(failure)
    })
    return last
  }
  return {
    ready: (text) => tell('READY=1', statusOf(text)),
    status: (text) => tell(statusOf(text)),
    watchdog: () => tell('WATCHDOG=1'),
    stopping: () => tell('STOPPING=1'),
  }
}

/** A line break would end the variable, and begin another one. */
const statusOf = (text: string): string => `STATUS=${text.replace(/\p{Cc}+/gu, ' ').trim()}`

/** @returns why it was not sent; undefined if it was. */
function send(args: readonly string[], {NOTIFY_SOCKET, PATH}: Environment, limitMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('systemd-notify', args, {env: {NOTIFY_SOCKET, PATH}, stdio: 'ignore', timeout: limitMs, killSignal: 'SIGKILL'})
    child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ENOENT' ? 'is not installed' : error.message))
    child.once('exit', (code) =>
      resolve(code === 0 ? undefined : code === null ? `was not done after ${limitMs / 1000} s` : `ended with ${code}`),
    )
  })
}

/**
 * How often systemd wants to hear of the watcher, in ms: twice in the time after which it takes it for dead
 * (sd_watchdog_enabled(3)). Undefined if it does not wait for us: no watchdog, or another process's.
 */
export function watchdogMs({WATCHDOG_USEC, WATCHDOG_PID}: Environment, pid = process.pid): number | undefined {
  const microseconds = Number(WATCHDOG_USEC)
  const ours = !WATCHDOG_PID || Number(WATCHDOG_PID) === pid
  return ours && microseconds > 0 ? Math.floor(microseconds / 2000) : undefined
}

type ServiceOptions = {
  readonly systemd: SystemdNotifier
  /** Milliseconds between two signs of life; undefined: nobody waits for one. */
  readonly watchdog: number | undefined
  readonly pulses: () => readonly Pulse[]
  /** Whether who listens does so, or has told why not. */
  readonly listens: () => boolean
  readonly now: () => number
  readonly signal: AbortSignal
}

/** A loop that has not turned for this long hangs, milliseconds; the longest that one turn may take is shorter. */
const HANGS_MS = 1_800_000

/** What systemd hears of the watchers: that all listen and have looked once, whatever they are at by now; how they are, that they live, that they end. */
type Service = {
  /** Call at every turn of a loop, and when somebody listens. */
  turned(): void
  close(): Promise<void>
}

export function service({systemd, watchdog, pulses, listens, now, signal}: ServiceOptions): Service {
  let ready = false
  let said = ''
  const beat = (): void => {
    if (pulses().every(({turnedAt}) => now() - turnedAt < HANGS_MS)) void systemd.watchdog()
  }
  const timer = watchdog === undefined ? undefined : setInterval(beat, watchdog)
  let farewell: Promise<void> | undefined
  const stopping = (): void => void (farewell = systemd.stopping())
  signal.addEventListener('abort', stopping, {once: true})
  return {
    turned: () => {
      const text = pulses().map(statusText).join('; ')
      if (!ready && listens() && pulses().every(({turns}) => turns > 0)) {
        ready = true
        void systemd.ready(text)
      } else if (ready && text !== said) void systemd.status(text)
      said = text
    },
    close: async () => {
      clearInterval(timer)
      signal.removeEventListener('abort', stopping)
      await (farewell ?? systemd.stopping())
    },
  }
}

const statusText = ({name, phase, trouble}: Pulse): string => `${name}: ${trouble ?? phase}`
