import {chmod, chown, lstat, mkdir, readdir, rename, rm, stat} from 'node:fs/promises'
import path from 'node:path'
import {keepNames} from '../storage/atomic-file.js'
import {cp} from '../storage/copy-tree.js'
import {difference, syncedListing, type Listing} from './tree-listing.js'

/** What is being brought in, and what makes way for it. A kill leaves them; the next restore begins anew with both. */
const FRESH = '.homelab-back'
const OLD = '.homelab-old'

/**
 * Replaces what is in `target` by the copy. The folder itself stays: it may be a mount point, and whoever has it mounted
 * holds on to it, not to its name. The copy is brought into it first, so that a disk without room changes nothing; then names
 * are changed, which a kill may interrupt at any point: done once more, it comes to the same end.
 * @throws the error of the file system or of cp(1).
 */
export async function putBack(copy: string, target: string, holds: Listing | undefined, signal: AbortSignal): Promise<void> {
  if ((await lstat(copy)).isDirectory()) await putFolderBack(copy, target, holds, signal)
  else await putFileBack(copy, target, holds, signal)
}

async function putFolderBack(copy: string, folder: string, holds: Listing | undefined, signal: AbortSignal): Promise<void> {
  const [fresh, old] = [path.join(folder, FRESH), path.join(folder, OLD)]
  await bringIn(copy, fresh, holds, signal)
  await mkdir(old, {recursive: true, mode: 0o700})
  const mounts = await moveAway(folder, old)
  for (const name of await namesIn(fresh)) {
    if (mounts.has(name.toString()))
      await putFolderBack(path.join(copy, name.toString()), path.join(folder, name.toString()), undefined, signal)
    else await rename(below(fresh, name), below(folder, name))
  }
  const own = await stat(fresh)
  await chown(folder, own.uid, own.gid)
  await chmod(folder, own.mode)
  await keepNames(folder)
  await rm(fresh, {recursive: true, force: true})
  await rm(old, {recursive: true, force: true})
  await keepNames(folder)
}

/** The copy once more, beside what it replaces, on disk and whole; else it is as if nothing had been done. */
async function bringIn(copy: string, fresh: string, holds: Listing | undefined, signal: AbortSignal): Promise<void> {
  try {
    await rm(fresh, {recursive: true, force: true})
    await cp(copy, fresh, signal)
    const found = await syncedListing(fresh, signal)
    const differs = holds && difference(holds, found)
    if (differs !== undefined) throw new Error(`it came incomplete: ${differs}`)
  } catch (error) {
    await rm(fresh, {recursive: true, force: true})
    throw error
  }
}

/** @returns Names of what cannot be moved, as something is mounted there: its content is replaced instead. */
async function moveAway(folder: string, old: string): Promise<Set<string>> {
  const mounts = new Set<string>()
  for (const name of await namesIn(folder)) {
    const at = below(folder, name)
    try {
      // A restore that was killed has moved the old one away already: this is what it brought in.
      if (await isThere(below(old, name))) await rm(at.toString(), {recursive: true, force: true})
      else await rename(at, below(old, name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error
      mounts.add(name.toString())
    }
  }
  return mounts
}

/** A file is replaced by its name; one that is a mount point by its content. */
async function putFileBack(copy: string, file: string, holds: Listing | undefined, signal: AbortSignal): Promise<void> {
  const fresh = `${file}${FRESH}`
  await bringIn(copy, fresh, holds, signal)
  try {
    await rename(fresh, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error
    await cp(fresh, file, signal)
    await syncedListing(file, signal)
    await rm(fresh)
  }
  await keepNames(path.dirname(file))
}

/** As bytes: not every program writes UTF-8. */
async function namesIn(folder: string): Promise<Buffer[]> {
  const names = await readdir(Buffer.from(folder), {encoding: 'buffer'})
  return names.filter((name) => ![FRESH, OLD].includes(name.toString()))
}

const below = (folder: string, name: Buffer): Buffer => Buffer.concat([Buffer.from(`${folder}/`), name])

const isThere = (file: Buffer): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  )
