import {steadyClock} from '../model/clock.js'
import type {Log} from '../model/log.js'
import {exitCode, OperatorError} from '../util/errors.js'
import type {Notification, Notifier} from '../model/notification.js'

/** Turns the same failure again and again into one line and, if it lasts, one alert. */
type Trouble = {
  /** @returns Milliseconds to wait before the next attempt. */
  happened(error: unknown): Promise<number>
  over(): void
}

type TroubleOptions = {
  readonly name: string
  readonly log: Log
  readonly notifier: Notifier
  /** Milliseconds that a failure may last before it is an alert. */
  readonly patience: number
  readonly now: () => number
}

const FIRST_MS = 500
const MOST_MS = 10_000
/** So many failures in a row are told of, also if each says something else. */
const ALTERNATES = 5
/** Milliseconds that somebody else may work on the stack before it is an alert: an update with large images takes its time. */
const BUSY_MS = 1_800_000

export function trouble({name, log, notifier, patience, now}: TroubleOptions): Trouble {
  const clock = steadyClock(now)
  let since: {readonly at: number; readonly from: number} | undefined
  const said = new Set<string>()
  let [last, alerted, failures] = ['', false, 0]
  const say = (message: string, error: unknown): void => {
    if (!said.has(message)) log.warn(`${name}: ${message}${nextOf(error)}`)
    said.add(message)
  }
  const alert = (message: string, error: unknown, at: number): Promise<void> =>
    notifier.post(alertOf(`${name}: ${message}${nextOf(error)}`, at, now()))
  const waiting = waitingFor((error, at) => alert(error.message, error, at), clock, now)
  return {
    happened: async (error) => {
      if (isBusy(error)) return waiting.goesOn(error)
      waiting.over()
      const message = error instanceof Error ? error.message : String(error)
      since ??= {at: now(), from: clock()}
      // What comes once is often another word for what follows: a connection that is cut, then a daemon that is away.
      const lasts = message === last || (failures === ALTERNATES && said.size === 0)
      if (lasts) say(message, error)
      last = message
      if (!alerted && clock() - since.from >= patience) {
        alerted = true
        await alert(message, error, since.at)
      }
      const untilAlert = alerted ? MOST_MS : Math.max(FIRST_MS, since.from + patience - clock())
      return Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures++, 10), untilAlert)
    },
    over: () => {
      waiting.over()
      if (since !== undefined && said.size > 0) log.info(`${name}: over after ${Math.round((clock() - since.from) / 1000)} s`)
      since = undefined
      last = ''
      said.clear()
      alerted = false
      failures = 0
    },
  }
}

/** Somebody else works on the stack, for so long that it may never end. */
function waitingFor(alert: (error: Error, since: number) => Promise<void>, clock: () => number, now: () => number) {
  let since: {readonly at: number; readonly from: number} | undefined
  let alerted = false
  return {
    goesOn: async (error: Error): Promise<number> => {
      since ??= {at: now(), from: clock()}
      if (alerted || clock() - since.from < BUSY_MS) return FIRST_MS
      alerted = true
      await alert(error, since.at)
      return FIRST_MS
    },
    over: () => {
      since = undefined
      alerted = false
    },
  }
}

const alertOf = (what: string, since: number, now: number): Notification => ({
  title: 'homelab cannot watch over the VPN',
  message: `${what}\nSince ${new Date(since).toISOString()}. It goes on by itself when this is over.`,
  tags: ['rotating_light'],
  priority: 5,
  at: new Date(now).toISOString(),
})

/** Somebody else works on the stack, which was said when the waiting began. */
const isBusy = (error: unknown): error is OperatorError => error instanceof OperatorError && error.exitCode === exitCode.busy

const nextOf = (error: unknown): string => (error instanceof OperatorError && error.next[0] !== undefined ? ` (${error.next[0]})` : '')
