import {OperatorError} from '../model/operator-error.js'
import type {Notification} from '../model/notification.js'
import {withLock} from '../state/lock.js'
import type {Published} from './ntfy.js'
import type {Outbox} from './outbox.js'

export type Delivery = {
  readonly outbox: Outbox
  readonly publish: (notification: Notification, signal: AbortSignal) => Promise<Published>
  /** Held while messages are sent, so that two processes never send the same one. */
  readonly lockFile: string
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly signal: AbortSignal
}

/** How far it got: everything, or until the server did not take one. */
export type Delivered = {readonly sent: number; readonly left: number; readonly stopped?: Exclude<Published, {is: 'delivered'}>}

/** Seconds to wait for another process that sends. */
const PATIENCE_S = 5
/** A message that comes later than this says so, milliseconds. */
const LATE_MS = 120_000

/** Sends what waits, oldest first, and stops at the first that is not taken. A message goes only when it was delivered. */
export async function deliverAll({outbox, publish, lockFile, now, signal}: Delivery): Promise<Delivered> {
  if ((await outbox.list()).length === 0) return {sent: 0, left: 0}
  const options = {doing: 'sending notifications', wait: PATIENCE_S, signal, onWait: () => undefined, now: () => new Date(now())}
  try {
    return await withLock(lockFile, options, async () => {
      const waiting = await outbox.list()
      let sent = 0
      for (const one of waiting) {
        const published = await publish(dated(one.notification, now()), signal)
        if (published.is !== 'delivered') return {sent, left: waiting.length - sent, stopped: published}
        await outbox.remove(one)
        sent++
      }
      return {sent, left: 0}
    })
  } catch (error) {
    // Another process sends them.
    if (error instanceof OperatorError) return {sent: 0, left: (await outbox.list()).length, stopped: {is: 'later', why: error.message}}
    throw error
  }
}

function dated(notification: Notification, now: number): Notification {
  const happened = Date.parse(notification.at)
  if (!(now - happened > LATE_MS)) return notification
  return {
    ...notification,
    message: `${notification.message}\n(delayed: this happened at ${notification.at.slice(0, 16).replace('T', ' ')} UTC)`,
  }
}
