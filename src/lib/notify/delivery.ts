import type {Notification} from '../model/notification.js'
import {withLock} from '../storage/lock.js'
import {exitCode, OperatorError} from '../util/errors.js'
import type {Pause} from '../util/wakeup.js'
import type {Failure, Publish} from './channel.js'
import {cut, jsonBytes, MESSAGE_BYTES} from './ntfy.js'
import type {Outbox} from './outbox.js'

/** Seconds. The other deliverer takes what we would have sent. */
const WAIT_FOR_OTHER = 5

export type Delivery = {
  /** Outside the outbox; the same for all processes. */
  readonly lockFile: string
  readonly now: () => Date
  readonly signal: AbortSignal
}

export type Delivered = {
  readonly delivered: number
  /** How many are still there, as far as we know. */
  readonly left: number
  /** What stopped it. None if all is delivered, or if another process is at it. */
  readonly failure?: Failure
}

/**
 * Sends what is in the outbox, oldest first, until something fails; one process at a time. A message is removed when the
 * server has it, so one may come twice if we are killed between the two, and none is lost.
 * @throws OperatorError (78) if the lock cannot be opened; the error of the file system.
 */
export async function deliverAll(outbox: Outbox, publish: Publish, delivery: Delivery): Promise<Delivered> {
  const {lockFile, now, signal} = delivery
  const waiting = (await outbox.list()).length
  if (waiting === 0) return {delivered: 0, left: waiting}
  const options = {doing: 'delivering notifications', wait: WAIT_FOR_OTHER, signal, onWait: () => undefined, now}
  try {
    return await withLock(lockFile, options, () => sendEach(outbox, publish, delivery))
  } catch (error) {
    const busy = error instanceof OperatorError && error.exitCode === exitCode.busy
    if (busy || signal.aborted) return {delivered: 0, left: waiting}
    throw error
  }
}

async function sendEach(outbox: Outbox, publish: Publish, {now, signal}: Delivery): Promise<Delivered> {
  let delivered = 0
  for (;;) {
    // Looked at again when all is sent: another process may have put something and gone away while we held the lock.
    const entries = await outbox.list()
    if (entries.length === 0) return {delivered, left: 0}
    for (const [index, entry] of entries.entries()) {
      const left = entries.length - index
      if (signal.aborted) return {delivered, left}
      const result = await publish(withDelay(entry.notification, now()), signal)
      if (result.is !== 'delivered') return {delivered, left, failure: result}
      await outbox.remove(entry)
      delivered += 1
    }
  }
}

const FIRST_MS = 5_000
const LONGEST_MS = 300_000
/** However long a server asks to wait. */
const PATIENCE_MS = 3_600_000

/**
 * How long to wait after a failure. A new message may end it early, as it may be the one that says that the network is
 * back; but not where the server answers and asks for peace, or refuses us until somebody mends the settings.
 * @param inARow how many failures there were since something was delivered, this one included.
 */
export function pauseAfter(failure: Failure, inARow: number): Pause {
  if (failure.is === 'refused') return exactly(LONGEST_MS)
  const own = Math.min(LONGEST_MS, FIRST_MS * 2 ** (inARow - 1))
  if (failure.afterMs === undefined) return {leastMs: FIRST_MS, mostMs: own}
  return exactly(Math.max(own, Math.min(failure.afterMs, PATIENCE_MS)))
}

const exactly = (milliseconds: number): Pause => ({leastMs: milliseconds, mostMs: milliseconds})

const WORTH_SAYING_MS = 120_000

/** A message that arrives late says so at its end; on a phone it looks as if it happened now. */
function withDelay(notification: Notification, now: Date): Notification {
  const happened = new Date(notification.at)
  if (now.getTime() - happened.getTime() <= WORTH_SAYING_MS) return notification
  const note = `\n(delayed: happened at ${happened.toISOString().slice(0, 16).replace('T', ' ')} UTC)`
  return {...notification, message: `${cut(notification.message, MESSAGE_BYTES - jsonBytes(note))}${note}`}
}
