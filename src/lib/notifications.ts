import {join} from 'node:path'
import type {Setting} from './base-command.js'
import {readEnvFile} from './config/env-file.js'
import type {Log} from './model/log.js'
import type {Notifier} from './model/notification.js'
import {runCourier} from './notify/courier.js'
import {deliverAll, type Delivery} from './notify/deliver.js'
import {publish, type Published} from './notify/ntfy.js'
import {ntfyTarget} from './notify/ntfy-target.js'
import {openOutbox} from './notify/outbox.js'
import {wakeup} from './watch/wakeup.js'
import type {Watcher} from './watch/supervise.js'

type Parts = {
  readonly setting: Setting
  /** The state folder. */
  readonly folder: string
  readonly log: Log
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Seconds that a command waits at its end for its messages to be taken. */
const ATTEMPT_MS = 10_000

type Mail = Omit<Delivery, 'signal'>

/** `.env` is read for each message: its token may have been mended meanwhile. */
const mailOf = ({setting, folder, log, now}: Parts): Mail => ({
  outbox: openOutbox(join(folder, 'outbox'), log, now),
  lockFile: join(folder, 'locks', 'outbox.lock'),
  now,
  publish: async (notification, signal): Promise<Published> => {
    const {variables} = await readEnvFile(join(setting.composeDir, '.env'))
    const target = ntfyTarget(variables)
    return target === undefined ? {is: 'delivered'} : publish(target, notification, signal)
  },
})

/** For one command: what it posts is on disk at once, and is tried once at its end. */
export function commandMail(parts: Parts): Notifier & {flush(signal: AbortSignal): Promise<void>} {
  const mail = mailOf(parts)
  return {
    post: (notification) => mail.outbox.post(notification),
    flush: async (signal) => {
      const limit = new AbortController()
      const timer = setTimeout(() => limit.abort(), ATTEMPT_MS)
      const stop = (): void => limit.abort()
      signal.addEventListener('abort', stop, {once: true})
      // What is not delivered now waits for the watcher, or for the next command.
      await deliverAll({...mail, signal: limit.signal}).catch(() => undefined)
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    },
  }
}

/** For the watchers: a watcher of its own delivers what they post, for as long as it takes. */
export function watcherMail(parts: Parts): {notifier: Notifier; watcher: Watcher} {
  const mail = mailOf(parts)
  const awake = wakeup()
  const run = (signal: AbortSignal): Promise<void> =>
    runCourier({
      ...mail,
      signal,
      log: parts.log,
      sleep: async (milliseconds) => {
        await awake.wait(milliseconds, signal)
        awake.reset()
      },
    })
  return {
    watcher: {name: 'notifications', run},
    notifier: {
      post: async (notification) => {
        await mail.outbox.post(notification)
        awake.wake()
      },
    },
  }
}
