import {open, type FileHandle} from 'node:fs/promises'
import type {Job} from '../../model/update.js'
import {apply, parseJobLine} from './log.js'

/** Bytes that are read at once. */
const CHUNK = 1_000_000
/** Bytes that tell one file from another: they reach beyond the id in its first line. */
const HEAD = 64
const NEWLINE = 0x0a

/** What was read of a file so far. */
type Known = {
  readonly file: string
  readonly jobs: Map<string, Job>
  /** Bytes; behind a line end. */
  offset: number
  /** Lines that are none of ours, or were torn. */
  bad: number
  /** Lines that are. */
  good: number
}

/** What is in the queue, and what stands in its file. */
export type Found = {readonly jobs: readonly Job[]; readonly bad: number; readonly good: number}

const NONE: Found = {jobs: [], bad: 0, good: 0}

/**
 * Reads the queue `file`, and the next time only what was appended since. A compaction puts another file in its place,
 * which is told by the inode and by the id in its first line: an inode is soon given to the next file.
 * @returns a function that throws the error of the file system. A file that is missing has nothing.
 */
export function jobReader(file: string): () => Promise<Found> {
  let known: Known | undefined
  let last: Promise<unknown> = Promise.resolve()

  const read = async (): Promise<Found> => {
    const handle = await openIfThere(file)
    if (handle === undefined) return NONE
    try {
      known = await catchUp(handle, known)
      return {jobs: [...known.jobs.values()], bad: known.bad, good: known.good}
    } finally {
      await handle.close()
    }
  }
  // One after the other: they share what is known.
  return () => {
    const next = last.then(read)
    last = next.catch(() => undefined)
    return next
  }
}

async function catchUp(handle: FileHandle, before: Known | undefined): Promise<Known> {
  const {ino, size} = await handle.stat()
  const {buffer, bytesRead} = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0)
  const identity = `${ino} ${buffer.toString('latin1', 0, bytesRead)}`
  const same = before !== undefined && before.file === identity && before.offset <= size
  const known = same ? before : {file: identity, jobs: new Map<string, Job>(), offset: 0, bad: 0, good: 0}
  await readLines(handle, known, size)
  return known
}

/** What there is up to `end`. Whole lines only: the last one may be just being written. */
async function readLines(handle: FileHandle, known: Known, end: number): Promise<void> {
  let most = CHUNK
  for (;;) {
    const length = Math.min(most, end - known.offset)
    const {buffer, bytesRead} = await handle.read(Buffer.alloc(length), 0, length, known.offset)
    const whole = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1
    if (whole > 0) take(known, buffer.subarray(0, whole))
    else if (bytesRead < most) return
    // No line of ours is longer than a chunk, but somebody may have made one.
    else most *= 2
  }
}

function take(known: Known, bytes: Buffer): void {
  for (const text of bytes.toString('utf8').split('\n')) {
    if (text === '') continue
    const line = parseJobLine(text)
    if (line === undefined) known.bad++
    else {
      known.good++
      apply(known.jobs, line)
    }
  }
  known.offset += bytes.length
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
