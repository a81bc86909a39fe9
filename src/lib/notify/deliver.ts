import {exitCode, OperatorError} from '../model/operator-error.js'
import {withLock} from '../state/lock.js'
import {withDelay} from './delay.js'
import type {Outbox} from './outbox.js'
import type {Failure, Publish} from './publish-result.js'

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
