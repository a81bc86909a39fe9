import {mkdir, readFile} from 'node:fs/promises'
import path from 'node:path'
import type {Log} from '../model/log.js'
import type {Notification} from '../model/notification.js'
import {writeAtomically} from '../state/atomic-file.js'
import {clearOthers, drop, dropExpired, dropOldest} from './outbox-limits.js'
import {makeNames, namesIn} from './outbox-names.js'
import {storedNotification} from './stored-notification.js'

export type Entry = {readonly name: string; readonly notification: Notification}

/** Messages that wait for the network: at most 500, none for longer than 7 days. All processes of homelab share it. */
export type Outbox = {
  /** It is on disk when this returns. @throws the error of the file system, such as ENOSPC. */
  put(notification: Notification): Promise<void>
  /** Oldest first. Clears away what is too old or damaged. */
  list(): Promise<readonly Entry[]>
  remove(entry: Entry): Promise<void>
}

/** A file for each message. Nothing is read or made before it is used. @param folder is made with mode 0700. */
export function openOutbox(folder: string, {log, now}: {readonly log: Log; readonly now: () => Date}): Outbox {
  const nextName = makeNames(now)
  const warn = warnOnce(log)
  return {
    put: async (notification) => {
      // The folders above it are not ours alone.
      await mkdir(path.dirname(folder), {recursive: true, mode: 0o755})
      await mkdir(folder, {recursive: true, mode: 0o700})
      await writeAtomically(path.join(folder, nextName()), JSON.stringify(notification))
      await dropOldest(folder, log)
    },
    list: async () => {
      const {ours, others} = await namesIn(folder)
      await clearOthers(folder, others, now(), warn)
      const entries: Entry[] = []
      for (const name of ours) {
        const notification = await read(folder, name, warn)
        if (notification !== undefined) entries.push({name, notification})
      }
      return dropExpired(folder, entries, now(), log)
    },
    remove: ({name}) => drop(folder, name),
  }
}

/** What is found at every look is worth a line at the first. */
function warnOnce(log: Log): (text: string) => void {
  const told = new Set<string>()
  return (text) => {
    if (!told.has(text)) log.warn(text)
    told.add(text)
  }
}

/** @returns undefined for what was delivered meanwhile, may not be read, or is damaged; the last is removed. */
async function read(folder: string, name: string, warn: (text: string) => void): Promise<Notification | undefined> {
  let text: string
  try {
    text = await readFile(path.join(folder, name), 'utf8')
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    if (code !== 'ENOENT') warn(`${path.join(folder, name)} cannot be read and is left alone: ${message}`)
    return undefined
  }
  const notification = storedNotification(text)
  if (notification === undefined) {
    await drop(folder, name)
    warn(`${path.join(folder, name)} was damaged and is removed: it held no whole notification.`)
  }
  return notification
}
