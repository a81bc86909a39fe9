import {rename, stat} from 'node:fs/promises'
import path from 'node:path'
import {exitCode, OperatorError} from '../model/operator-error.js'
import {withLock} from './lock.js'

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
export async function rotate(folder: string, maxBytes: number, now: Date): Promise<void> {
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
