import {join} from 'node:path'
import {readEnvFile} from '../config/env-file.js'
import type {Log} from '../model/log.js'
import type {Notifier} from '../model/notification.js'
import {OperatorError} from '../util/errors.js'
import {runCourier, postAndFlush, postAndWake, type Mail} from './notifier.js'
import {publish, ntfyTarget} from './ntfy.js'
import {openOutbox} from './outbox.js'
import type {Publish} from './channel.js'
import {createWakeup} from '../util/wakeup.js'
import type {Setting} from '../config/homelab.js'

type Parts = {
  readonly setting: Setting
  /** The state folder. */
  readonly folder: string
  readonly log: Log
  readonly signal: AbortSignal
}

/** For one command: what it posts is on disk at once, and is tried at its end. */
export const commandMail = (parts: Parts): Mail => postAndFlush(mailOf(parts))

/** For the watchers: one of their own delivers what they post, for as long as it takes. */
export function watcherMail(parts: Parts): {notifier: Notifier; watcher: {readonly name: string; run(signal: AbortSignal): Promise<void>}} {
  const mail = mailOf(parts)
  const wakeup = createWakeup()
  const run = (signal: AbortSignal): Promise<void> => runCourier({...mail, wakeup, signal})
  return {notifier: postAndWake(mail, wakeup), watcher: {name: 'notifications', run}}
}

function mailOf({setting, folder, log, signal}: Parts) {
  const now = (): Date => new Date()
  const outbox = openOutbox(join(folder, 'outbox'), {log, now})
  return {outbox, publish: publishing(setting), log, now, signal, lockFile: join(folder, 'locks', 'outbox.lock')}
}

/**
 * `.env` is read for each message: its token may have been mended meanwhile. Without a topic nobody wants messages. Never
 * throws, as a Publish must not.
 */
const publishing =
  ({composeDir}: Setting): Publish =>
  async (notification, signal) => {
    try {
      const {variables} = await readEnvFile(join(composeDir, '.env'))
      const target = ntfyTarget(variables)
      return target === undefined ? {is: 'delivered'} : await publish(target, notification, signal)
    } catch (error) {
      const why = (error as Error).message.replace(/\.$/, '')
      return {is: error instanceof OperatorError ? 'refused' : 'retry', why}
    }
  }
