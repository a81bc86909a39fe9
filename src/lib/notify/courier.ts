import type {Log} from '../model/log.js'
import {pauseAfter} from './backoff.js'
import {deliverAll, type Delivered, type Delivery} from './deliver.js'
import type {Outbox} from './outbox.js'
import type {Failure, Publish} from './publish-result.js'
import type {Pause, Wakeup} from '../time/wakeup.js'

type Courier = Delivery & {
  readonly outbox: Outbox
  readonly publish: Publish
  /** Called when something was put. */
  readonly wakeup: Pick<Wakeup, 'next'>
  readonly log: Log
}

/** Another process may have put something, and could not deliver it. */
const AT_REST: Pause = {leastMs: 0, mostMs: 60_000}

const REMEDY: Record<Failure['is'], string> = {
  retry: 'They are kept and sent as soon as it works.',
  refused: 'They are kept; check NTFY_URL, NTFY_TOPIC and NTFY_TOKEN in compose/.env.',
}

/** Delivers for as long as the process runs; ends when the signal fires. Never throws. */
export async function runCourier(courier: Courier): Promise<void> {
  const {wakeup, log, signal} = courier
  const told = new Set<Failure['is']>()
  let inARow = 0
  for (;;) {
    const {delivered, left, failure} = await attempt(courier)
    if (signal.aborted) return
    if (failure !== undefined) {
      inARow = delivered > 0 ? 1 : inARow + 1
      if (!told.has(failure.is)) log.warn(`Notifications cannot be delivered: ${failure.why}. ${REMEDY[failure.is]}`)
      told.add(failure.is)
      await wakeup.next(pauseAfter(failure, inARow), signal)
    } else {
      // Otherwise another process is at it, and we know nothing new.
      if (inARow > 0 && (delivered > 0 || left === 0)) {
        log.info('Notifications are delivered again.')
        inARow = 0
        told.clear()
      }
      await wakeup.next(AT_REST, signal)
    }
  }
}

/** A disk that fails must not end a process that has other work; like a network that fails, it may come back. */
async function attempt(courier: Courier): Promise<Delivered> {
  try {
    return await deliverAll(courier.outbox, courier.publish, courier)
  } catch (error) {
    return {delivered: 0, left: 1, failure: {is: 'retry', why: (error as Error).message.replace(/\.$/, '')}}
  }
}
