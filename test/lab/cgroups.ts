import {readdir, rmdir} from 'node:fs/promises'
import path from 'node:path'

const ROOT = '/sys/fs/cgroup'

/** Removes a cgroup without processes, and those below it, from the one hierarchy (v2) or from each (v1). */
export async function removeCgroups(name: string): Promise<void> {
  const hierarchies = (await readdir(ROOT, {withFileTypes: true})).filter((entry) => entry.isDirectory())
  for (const folder of [ROOT, ...hierarchies.map((entry) => path.join(ROOT, entry.name))]) await removeTree(path.join(folder, name))
}

async function removeTree(folder: string): Promise<void> {
  const below = await readdir(folder, {withFileTypes: true}).catch(() => undefined)
  if (below === undefined) return
  for (const entry of below) if (entry.isDirectory()) await removeTree(path.join(folder, entry.name))
  await rmdir(folder)
}
