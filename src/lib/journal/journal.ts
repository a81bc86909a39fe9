import {mkdir, open, type FileHandle, rename, stat} from 'node:fs/promises'
import path from 'node:path'
import {withLock} from '../storage/lock.js'
import {configurationError, OperatorError, exitCode} from '../util/errors.js'
import type {Journal, JournalRecord} from './record.js'

/** Some 10,000 lines: months of a home. With the older file it is twice as much, and never more. */
const MAX_BYTES = 2_000_000
/** Characters of one text. What a program says when it fails can be very long, and its beginning tells the cause. */
const MAX_TEXT = 2_000
const NEWLINE = 0x0a

/**
 * The journal in `folder`, one JSON object a line. Several processes may append at once: each line is one write to a file
 * that is opened for appending, which Linux keeps whole.
 * Its `append` throws an OperatorError (78) that names the file if the line could not be written.
 */
export function openJournal(folder: string, {maxBytes = MAX_BYTES}: {readonly maxBytes?: number} = {}): Journal {
  const {current} = journalFiles(folder)
  return {
    async append(record) {
      try {
        await mkdir(folder, {recursive: true, mode: 0o755})
        await rotate(folder, maxBytes, new Date(record.at))
        await appendLine(current, toLine(record))
      } catch (error) {
        throw error instanceof OperatorError ? error : unwritable(current, error as NodeJS.ErrnoException)
      }
    },
  }
}

async function appendLine(file: string, line: string): Promise<void> {
  const handle = await open(file, 'a+', 0o640)
  try {
    const {size} = await handle.stat()
    const bytes = Buffer.from((await isTorn(handle, size)) ? `\n${line}` : line)
    // One write: the rest of a line could land behind the line of another process.
    const {bytesWritten} = await handle.write(bytes)
    if (bytesWritten < bytes.length) throw new Error('there is no room for the whole line')
    await handle.datasync()
    if (size === 0) await keepName(file)
  } finally {
    await handle.close()
  }
}

/** After a power failure a new file may be there without its name, which stands in the folder: fsync(2). */
async function keepName(file: string): Promise<void> {
  const folder = await open(path.dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Whoever wrote last was killed in the middle of it, or had no room. Our line must not become a part of that one. */
async function isTorn(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false
  const {buffer} = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] !== NEWLINE
}

function toLine(record: JournalRecord): string {
  const cut = (_key: string, value: unknown): unknown =>
    typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT - 1)}…` : value
  return `${JSON.stringify(record, cut)}\n`
}

function unwritable(file: string, {code, message}: NodeJS.ErrnoException): OperatorError {
  const denied = code === 'EACCES' || code === 'EPERM'
  const first = denied
    ? 'Run the command with sudo.'
    : `See whether there is room, and whether it may be written: df -h ${path.dirname(file)}`
  return configurationError(`The journal ${file} cannot be written: ${message}`, [
    first,
    'Or choose another state folder: HOMELAB_STATE=<folder>',
  ])
}

/** Seconds to wait for another process that rotates, which takes it milliseconds. */
const WAIT_S = 2

export const journalFiles = (folder: string): {readonly current: string; readonly older: string} => ({
  current: path.join(folder, 'journal.jsonl'),
  older: path.join(folder, 'journal.1.jsonl'),
})

/**
 * Puts the journal aside, over the older one, if it has more than `maxBytes`. Whoever is just writing into it writes
 * into the file that was put aside, and nothing is lost.
 * @throws OperatorError (78) if the lock cannot be opened; what the file system says.
 */
async function rotate(folder: string, maxBytes: number, now: Date): Promise<void> {
  const {current, older} = journalFiles(folder)
  const isFull = async (): Promise<boolean> => (await size(current)) > maxBytes
  if (!(await isFull())) return
  const lock = path.join(folder, 'locks', 'journal.lock')
  const options = {doing: 'the journal is put aside', wait: WAIT_S, signal: new AbortController().signal, onWait() {}, now: () => now}
  try {
    // Asked again: another process may have rotated since, and its new file would replace the full one.
    await withLock(lock, options, async () => ((await isFull()) ? rename(current, older) : undefined))
  } catch (error) {
    // Nobody waits longer for it: the file grows by a line, and the next append tries again.
    if (!(error instanceof OperatorError) || error.exitCode !== exitCode.busy) throw error
  }
}

async function size(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}

/**
 * A name for an operation that sorts by its beginning, UTC: "20261123-021305-4f2a17". Six digits, as `all` begins several
 * operations in the same second.
 * @param random as `Math.random`
 */
export function operationId(now: Date, random: () => number): string {
  const [date = '', time = ''] = now.toISOString().replaceAll(/[-:]/g, '').slice(0, 15).split('T')
  const digits = Math.floor(random() * 0x1000000).toString(16)
  return `${date}-${time}-${digits.padStart(6, '0')}`
}
