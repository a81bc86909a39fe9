import {steadyClock} from '../model/clock.js'
import type {Log} from '../model/log.js'
import {exitCode, OperatorError} from '../model/operator-error.js'
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

export function trouble({name, log, notifier, patience, now}: TroubleOptions): Trouble {
  const clock = steadyClock(now)
  let since: {readonly at: number; readonly from: number} | undefined
  let last = ''
  const said = new Set<string>()
  let alerted = false
  let failures = 0
  const say = (message: string, error: unknown): void => {
    if (!said.has(message)) log.warn(`${name}: ${message}${nextOf(error)}`)
    said.add(message)
  }
  const alert = (message: string, error: unknown, at: number): Promise<void> =>
    notifier.post(alertOf(`${name}: ${message}${nextOf(error)}`, at, now()))
  return {
    happened: async (error) => {
      if (isBusy(error)) return FIRST_MS
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
      if (since !== undefined && said.size > 0) log.info(`${name}: over after ${Math.round((clock() - since.from) / 1000)} s`)
      since = undefined
      last = ''
      said.clear()
      alerted = false
      failures = 0
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
const isBusy = (error: unknown): boolean => error instanceof OperatorError && error.exitCode === exitCode.busy

const nextOf = (error: unknown): string => (error instanceof OperatorError && error.next[0] !== undefined ? ` (${error.next[0]})` : '')
