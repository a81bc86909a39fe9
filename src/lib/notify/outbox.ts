import {randomBytes} from 'node:crypto'
import {mkdir, readdir, readFile, rm} from 'node:fs/promises'
import path from 'node:path'
import type {Log} from '../model/log.js'
import type {Notification, Notifier} from '../model/notification.js'
import {writeAtomically} from '../state/atomic-file.js'

/** A message that waits, and the file that holds it. */
export type Waiting = {readonly file: string; readonly notification: Notification}

/** Messages on disk, a file each, until they are delivered. */
export type Outbox = Notifier & {
  /** Oldest first. */
  list(): Promise<Waiting[]>
  remove(waiting: Waiting): Promise<void>
}

/** More than that is a storm that nobody reads; the oldest go first. */
const MOST = 500
/** What is older than a week is news no more, milliseconds. */
const TOO_OLD = 7 * 86_400_000

/** @param folder Of this outbox alone; made when the first message comes. `now`: epoch milliseconds. */
export function openOutbox(folder: string, log: Log, now: () => number): Outbox {
  const remove = (file: string): Promise<void> => rm(path.join(folder, file), {force: true})
  const drop = async (files: readonly string[], why: string): Promise<void> => {
    if (files.length > 0) log.warn(`${files.length} of the messages that wait to be sent were dropped: ${why}`)
    await Promise.all(files.map((file) => remove(file)))
  }
  return {
    post: async (notification) => {
      await mkdir(folder, {recursive: true, mode: 0o700})
      // The name sorts by time, and says nothing.
      const name = `${String(now()).padStart(15, '0')}-${randomBytes(4).toString('hex')}.json`
      await writeAtomically(path.join(folder, name), JSON.stringify(notification))
    },
    list: async () => {
      const files = await names(folder)
      const surplus = files.slice(0, Math.max(0, files.length - MOST))
      const old = files.filter((file) => Number(file.slice(0, 15)) < now() - TOO_OLD && !surplus.includes(file))
      await drop(surplus, `there were more than ${MOST}`)
      await drop(old, 'they were older than a week')
      const read = await Promise.all(
        files.filter((file) => !surplus.includes(file) && !old.includes(file)).map((file) => readWaiting(folder, file)),
      )
      await drop(
        read.flatMap((one) => ('broken' in one ? [one.broken] : [])),
        'they could not be read',
      )
      return read.flatMap((one) => ('broken' in one ? [] : [one]))
    },
    remove: ({file}) => remove(file),
  }
}

async function names(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((file) => /^\d{15}-[0-9a-f]+\.json$/.test(file)).toSorted()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function readWaiting(folder: string, file: string): Promise<Waiting | {broken: string}> {
  try {
    const notification = JSON.parse(await readFile(path.join(folder, file), 'utf8')) as Partial<Notification>
    return typeof notification.title === 'string' && typeof notification.message === 'string'
      ? {
          file,
          notification: {
            title: notification.title,
            message: notification.message,
            tags: notification.tags ?? [],
            priority: notification.priority ?? 3,
            at: notification.at ?? '',
          },
        }
      : {broken: file}
  } catch {
    return {broken: file}
  }
}
