import {readdir, rmdir} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

const ROOT = '/sys/fs/cgroup'

/** Removes a cgroup whose processes have ended, and those below it: from the one hierarchy (v2) or from each (v1). */
export async function removeCgroups(name: string): Promise<void> {
  for (const hierarchy of [ROOT, ...(await foldersIn(ROOT))]) await removeTree(path.join(hierarchy, name))
}

async function removeTree(folder: string): Promise<void> {
  for (const below of await foldersIn(folder)) await removeTree(below)
  // The kernel may be a moment behind: EBUSY.
  for (let tries = 0; tries < 20; tries++) {
    const failure = await rmdir(folder).then(() => undefined, codeOf)
    if (failure !== 'EBUSY') return
    await sleep(50)
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, {withFileTypes: true}).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(folder, entry.name))
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code
