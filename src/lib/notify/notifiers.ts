import type {Log} from '../model/log.js'
import type {Notification, Notifier} from '../model/notification.js'
import {deliverAll, type Delivery} from './deliver.js'
import {limited} from '../time/limited.js'
import type {Outbox} from './outbox.js'
import type {Publish} from './publish-result.js'
import type {Wakeup} from '../time/wakeup.js'

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
