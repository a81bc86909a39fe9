import {randomBytes} from 'node:crypto'
import {readdir} from 'node:fs/promises'

/** By the time of putting, so that names sort by it. */
const NAME = /^\d{8}T\d{6}\.\d{3}Z-\d{6}-[0-9a-f]{8}\.json$/

/** Names that sort as they were made, within a millisecond too, and if the clock is set back. */
export function makeNames(now: () => Date): () => string {
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
export async function namesIn(folder: string): Promise<Names> {
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
