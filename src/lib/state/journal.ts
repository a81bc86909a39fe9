import {mkdir, open, rename, stat, type FileHandle} from 'node:fs/promises'
import path from 'node:path'
import type {Journal, JournalRecord} from '../model/journal.js'
import {exitCode, OperatorError} from '../model/operator-error.js'
import {withLock} from './lock.js'

/** The journal's files in the state folder, newest first. */
export const journalFiles = (folder: string): [string, string] => [path.join(folder, 'journal.jsonl'), path.join(folder, 'journal.1.jsonl')]

/** About four thousand operations. There are two files of that size. */
const MOST_BYTES = 2_000_000
/** Health checks and programs may say a lot. */
const LONGEST_TEXT = 2_000

/** A line of JSON for each record; several processes may append at once. @param folder The state folder. */
export function openJournal(folder: string, mostBytes = MOST_BYTES): Journal {
  const [file, older] = journalFiles(folder)
  return {
    append: async (record) => {
      try {
        await mkdir(folder, {recursive: true, mode: 0o755})
        const size = await appendLine(file, shortened(record))
        if (size > mostBytes) await rotate(file, older, mostBytes, path.join(folder, 'locks', 'journal.lock'))
      } catch (error) {
        throw error instanceof OperatorError ? error : notWritten(file, error as Error)
      }
    },
  }
}

const notWritten = (file: string, error: Error): OperatorError =>
  new OperatorError(`The journal ${file} cannot be written: ${error.message}`, {
    exitCode: exitCode.configuration,
    next: ['See whether the disk is full: df -h', 'or run the command with sudo, or choose another state folder: HOMELAB_STATE=<folder>'],
  })

/** In one write, so that two processes do not mix their lines. @returns The size of the file, bytes. */
async function appendLine(file: string, line: string): Promise<number> {
  const handle = await open(file, 'a+', 0o644)
  try {
    const {size} = await handle.stat()
    const text = `${(await isCutOff(handle, size)) ? '\n' : ''}${line}\n`
    await handle.write(text)
    await handle.datasync()
    return size + Buffer.byteLength(text)
  } finally {
    await handle.close()
  }
}

/** Somebody was killed in the middle of a line, or the disk was full. */
async function isCutOff(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false
  const {buffer} = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer.toString() !== '\n'
}

const shortened = (record: JournalRecord): string =>
  JSON.stringify(record, (_, value: unknown) =>
    typeof value === 'string' && value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value,
  )

/** Looks again when it has the lock: another process may have done it. */
async function rotate(file: string, older: string, mostBytes: number, lock: string): Promise<void> {
  const options = {
    doing: 'rotating the journal',
    wait: 5,
    signal: new AbortController().signal,
    onWait: () => undefined,
    now: () => new Date(),
  }
  await withLock(lock, options, async () => {
    if ((await stat(file)).size > mostBytes) await rename(file, older)
  })
}
