import {randomBytes} from 'node:crypto'
import {mkdir, readFile, readdir, rm, stat} from 'node:fs/promises'
import path from 'node:path'
import type {Log} from '../model/log.js'
import type {Notification} from '../model/notification.js'
import {writeAtomically, LEFT_OVER} from '../storage/atomic-file.js'

type Entry = {readonly name: string; readonly notification: Notification}

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

/** By the time of putting, so that names sort by it. */
const NAME = /^\d{8}T\d{6}\.\d{3}Z-\d{6}-[0-9a-f]{8}\.json$/

/** Names that sort as they were made, within a millisecond too, and if the clock is set back. */
function makeNames(now: () => Date): () => string {
  let last = 0
  let count = 0
  return () => {
    const time = Math.max(last, now().getTime())
    count = time === last ? count + 1 : 0
    last = time
    const stamp = new Date(time).toISOString().replace(/[-:]/g, '')
    return `${stamp}-${String(count).padStart(6, '0')}-${randomBytes(4).toString('hex')}.json`
  }
}

type Names = {
  /** Of notifications, oldest first. */
  readonly ours: readonly string[]
  readonly others: readonly string[]
}

/** @throws the error of the file system, but not for a folder that nobody has made yet. */
async function namesIn(folder: string): Promise<Names> {
  const sorted = (await listed(folder)).toSorted()
  return {ours: sorted.filter((name) => NAME.test(name)), others: sorted.filter((name) => !NAME.test(name))}
}

async function listed(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

const MOST = 500
const KEPT_DAYS = 7
const DAY_MS = 86_400_000
/** A process that writes a file for so long is dead. */
const LEFT_OVER_MS = 3_600_000

const drop = (folder: string, name: string): Promise<void> => rm(path.join(folder, name), {force: true})

async function dropOldest(folder: string, log: Log): Promise<void> {
  const {ours} = await namesIn(folder)
  for (const name of ours.slice(0, Math.max(0, ours.length - MOST))) {
    await drop(folder, name)
    log.warn(`More than ${MOST} notifications wait to be delivered: the oldest one was dropped.`)
  }
}

/** @returns the others. */
async function dropExpired(folder: string, entries: readonly Entry[], now: Date, log: Log): Promise<readonly Entry[]> {
  const isExpired = ({notification}: Entry): boolean => Date.parse(notification.at) < now.getTime() - KEPT_DAYS * DAY_MS
  for (const {name, notification} of entries.filter(isExpired)) {
    await drop(folder, name)
    log.warn(`A notification could not be delivered for ${KEPT_DAYS} days and was dropped: "${notification.title}", ${notification.at}.`)
  }
  return entries.filter((entry) => !isExpired(entry))
}

/** Removes what a killed process left behind; all else that is not ours stays. */
async function clearOthers(folder: string, others: readonly string[], now: Date, warn: (text: string) => void): Promise<void> {
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

/** Reads what the outbox wrote; undefined if it is anything else: half a file, or another program's. */
function storedNotification(text: string): Notification | undefined {
  const stored = parse(text)
  if (stored === undefined) return undefined
  const {title, message, tags, priority, at} = stored
  if (typeof title !== 'string' || typeof message !== 'string' || typeof at !== 'string') return undefined
  if (!isPriority(priority) || !isTags(tags) || Number.isNaN(Date.parse(at))) return undefined
  return {title, message, tags, priority, at}
}

function parse(text: string): Partial<Record<keyof Notification, unknown>> | undefined {
  try {
    return (JSON.parse(text) as object | null) ?? undefined
  } catch {
    return undefined
  }
}

const isPriority = (value: unknown): value is Notification['priority'] => [1, 2, 3, 4, 5].some((priority) => priority === value)

const isTags = (value: unknown): value is string[] => Array.isArray(value) && value.every((tag) => typeof tag === 'string')
