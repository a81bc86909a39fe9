import {open, type FileHandle} from 'node:fs/promises'
import {type JournalRecord, parseRecord} from './record.js'
import {configurationError, type OperatorError} from '../util/errors.js'
import {journalFiles} from './journal.js'

/** Twice what a file may have. Of one that somebody made larger the end is read, whose first line is a torn one. */
const MOST_BYTES = 4_000_000

/**
 * What the journal in `folder` has, oldest first. Files that are missing have nothing; lines that cannot be read are left
 * out. (All at once, as it is bounded: a stream of lines takes five times as long.)
 * @throws OperatorError (78) if a file is there and may not be read.
 */
export async function readJournal(folder: string): Promise<JournalRecord[]> {
  const {current, older} = journalFiles(folder)
  // This one first: what is put aside between the two is then found in either, not in none.
  const now = await openIfThere(current)
  const before = await openIfThere(older)
  try {
    const same = now !== undefined && before !== undefined && (await now.stat()).ino === (await before.stat()).ino
    return [
      ...(before !== undefined && !same ? await recordsOf(before, older) : []),
      ...(now !== undefined ? await recordsOf(now, current) : []),
    ]
  } finally {
    await Promise.all([now?.close(), before?.close()])
  }
}

async function recordsOf(handle: FileHandle, file: string): Promise<JournalRecord[]> {
  try {
    const {size} = await handle.stat()
    const length = Math.min(size, MOST_BYTES)
    const {buffer, bytesRead} = await handle.read(Buffer.alloc(length), 0, length, size - length)
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n')
    return lines.flatMap((line) => parseRecord(line) ?? [])
  } catch (error) {
    throw unreadable(file, error as Error)
  }
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadable(file, error as Error)
  }
}

const unreadable = (file: string, {message}: Error): OperatorError =>
  configurationError(`The journal ${file} cannot be read: ${message}`, [
    'Run the command with sudo, or choose another state folder: HOMELAB_STATE=<folder>',
  ])
