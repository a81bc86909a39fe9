import {randomBytes} from 'node:crypto'
import {open, type FileHandle} from 'node:fs/promises'
import path from 'node:path'
import {keepNames} from './atomic-file.js'
import {makeFolder} from './durable-files.js'
import {toLine} from './job-line.js'

const NEWLINE = 0x0a

/** The first line of a file of the queue. */
export const firstLine = (): string => toLine({kind: 'log', id: randomBytes(12).toString('hex')})

/**
 * Appends lines to the queue in one go; they are on disk when this returns. Only for who holds its lock.
 * @throws the error of the file system; then some of the lines may be there all the same, and the last one torn.
 */
export async function appendLines(file: string, lines: readonly string[]): Promise<void> {
  await makeFolder(path.dirname(file))
  const handle = await open(file, 'a+', 0o600)
  try {
    const {size} = await handle.stat()
    const start = size === 0 ? firstLine() : (await isTorn(handle, size)) ? '\n' : ''
    await handle.appendFile(start + lines.join(''))
    await handle.datasync()
    if (size === 0) await keepNames(path.dirname(file))
  } finally {
    await handle.close()
  }
}

/** Whoever wrote last was killed in the middle of it, or had no room. Our line must not become a part of that one. */
async function isTorn(handle: FileHandle, size: number): Promise<boolean> {
  const {buffer} = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] !== NEWLINE
}
