import type {Log} from '../model/log.js'
import type {Notification, Notifier} from '../model/notification.js'
import {limited} from '../util/timeout.js'
import type {Wakeup, Pause} from '../util/wakeup.js'
import type {Publish, Failure} from './channel.js'
import {deliverAll, type Delivery, pauseAfter, type Delivered} from './delivery.js'
import type {Outbox} from './outbox.js'

type Post = {
  readonly outbox: Outbox
  readonly publish: Publish
  readonly log: Log
  readonly signal: AbortSignal
}

/** For a process with a courier, which is woken. Its `post` never throws. */
export const postAndWake = (post: Post, wakeup: Pick<Wakeup, 'wake'>): Notifier => ({
  post: async (notification) => {
    if (await keep(notification, post)) wakeup.wake()
  },
})

const ONE_SHOT_MS = 10_000

/** A notifier whose messages are tried when the command is through: nobody else waits for the network meanwhile. */
export type Mail = Notifier & {
  /** If something was posted: tries to deliver, that and what is left from before. What cannot be delivered in time stays for the next one. Never throws. */
  flush(): Promise<void>
}

/** For a command that ends soon. Its `post` never throws. */
export function postAndFlush(post: Post & Delivery, limitMs = ONE_SHOT_MS): Mail {
  let kept = false
  return {
    post: async (notification) => {
      kept = (await keep(notification, post)) || kept
    },
    flush: () => (kept ? flush(post, limitMs) : Promise.resolve()),
  }
}

async function flush(post: Post & Delivery, limitMs: number): Promise<void> {
  try {
    const {failure} = await limited(post.signal, limitMs, (signal) => deliverAll(post.outbox, post.publish, {...post, signal}))
    if (failure !== undefined) post.log.warn(notSent(failure.why))
  } catch (error) {
    post.log.warn(notSent((error as Error).message.replace(/\.$/, '')))
  }
}

const notSent = (why: string): string => `The notification could not be sent yet: ${why}. It is kept, and sent with the next one.`

/** @returns whether it is on disk. On a disk that is full, which may be why there is a message at all, it is sent without. */
async function keep(notification: Notification, {outbox, publish, log, signal}: Post): Promise<boolean> {
  try {
    await outbox.put(notification)
    return true
  } catch (error) {
    const result = await limited(signal, ONE_SHOT_MS, (either) => publish(notification, either))
    const then = result.is === 'delivered' ? 'It was sent all the same.' : `It could not be sent either, and is lost: ${result.why}.`
    log.error(`The notification "${notification.title}" could not be kept: ${(error as Error).message}. ${then}`)
    return false
  }
}

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
