import {rm, stat} from 'node:fs/promises'
import path from 'node:path'
import type {Log} from '../model/log.js'
import {LEFT_OVER} from '../state/atomic-file.js'
import type {Entry} from './outbox.js'
import {namesIn} from './outbox-names.js'

const MOST = 500
const KEPT_DAYS = 7
const DAY_MS = 86_400_000
/** A process that writes a file for so long is dead. */
const LEFT_OVER_MS = 3_600_000

export const drop = (folder: string, name: string): Promise<void> => rm(path.join(folder, name), {force: true})

export async function dropOldest(folder: string, log: Log): Promise<void> {
  const {ours} = await namesIn(folder)
  for (const name of ours.slice(0, Math.max(0, ours.length - MOST))) {
    await drop(folder, name)
    log.warn(`More than ${MOST} notifications wait to be delivered: the oldest one was dropped.`)
  }
}

/** @returns the others. */
export async function dropExpired(folder: string, entries: readonly Entry[], now: Date, log: Log): Promise<readonly Entry[]> {
  const isExpired = ({notification}: Entry): boolean => Date.parse(notification.at) < now.getTime() - KEPT_DAYS * DAY_MS
  for (const {name, notification} of entries.filter(isExpired)) {
    await drop(folder, name)
    log.warn(`A notification could not be delivered for ${KEPT_DAYS} days and was dropped: "${notification.title}", ${notification.at}.`)
  }
  return entries.filter((entry) => !isExpired(entry))
}

/** Removes what a killed process left behind; all else that is not ours stays. */
export async function clearOthers(folder: string, others: readonly string[], now: Date, warn: (text: string) => void): Promise<void> {
  for (const name of others) {
    const file = path.join(folder, name)
    if (!LEFT_OVER.test(name)) warn(`${file} is no notification and is left alone; please move it away.`)
    else if (await isOlder(file, now.getTime() - LEFT_OVER_MS)) {
      await drop(folder, name)
      warn(`${file} was removed: homelab was killed while it wrote it.`)
    }
  }
}

const isOlder = (file: string, time: number): Promise<boolean> =>
  stat(file).then(
    ({mtimeMs}) => mtimeMs < time,
    () => false,
  )
