/** Gives lines to the disk. */
type Write = (lines: readonly string[]) => Promise<void>

type Waiting = {readonly lines: readonly string[]; readonly resolve: () => void; readonly reject: (error: unknown) => void}

/** After so many groups others get the lock. */
const GROUPS = 50

/**
 * Group commit: while one group is being written, whatever arrives waits and goes out with the next, all in one write.
 * The lock is taken once for the groups that follow each other.
 * @param locked runs what it is given while it holds the lock.
 * @returns what resolves when its lines are written, and throws what the lock or their write throws.
 */
export function groupCommit(locked: (work: () => Promise<void>) => Promise<void>, write: Write): Write {
  const waiting: Waiting[] = []
  let busy = false

  const writeGroup = async (): Promise<void> => {
    const group = waiting.splice(0)
    try {
      await write(group.flatMap(({lines}) => lines))
      group.forEach(({resolve}) => resolve())
    } catch (error) {
      group.forEach(({reject}) => reject(error))
    }
  }
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      try {
        await locked(async () => {
          for (let groups = 0; groups < GROUPS && waiting.length > 0; groups++) await writeGroup()
        })
      } catch (error) {
        waiting.splice(0).forEach(({reject}) => reject(error))
      }
    }
    busy = false
  }
  return (lines) =>
    new Promise((resolve, reject) => {
      waiting.push({lines, resolve, reject})
      if (busy) return
      busy = true
      void drain()
    })
}
