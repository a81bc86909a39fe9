import {randomBytes} from 'node:crypto'
import {open, rename, rm, type FileHandle, mkdir, readdir, unlink} from 'node:fs/promises'
import path from 'node:path'

/** What `writeAtomically` leaves beside the file if the process is killed while it writes. */
export const LEFT_OVER = /^\..+\.[0-9a-f]{12}\.tmp$/

const PRIVATE = 0o600

/**
 * Writes a file that is there whole or not at all, however the process or the machine ends: under another name first,
 * then renamed. It is on disk when this returns; only its owner may read it, unless `mode` says otherwise. The folder
 * must exist.
 * @throws the error of the file system; then the file is what it was before.
 */
export async function writeAtomically(file: string, text: string, mode = PRIVATE): Promise<void> {
  const folder = path.dirname(file)
  const temporary = path.join(folder, `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await synced(await open(temporary, 'wx', mode), async (handle) => {
      await handle.writeFile(text)
      // Whatever the umask, which is 0077 under our unit.
      if (mode !== PRIVATE) await handle.chmod(mode)
    })
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, {force: true})
    throw error
  }
  await keepNames(folder)
}

/** What was made, renamed or removed in `folder` is on disk when this returns. A name is not before its folder is: fsync(2). */
export async function keepNames(folder: string): Promise<void> {
  await synced(await open(folder, 'r'), () => Promise.resolve())
}

async function synced(handle: FileHandle, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(handle)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes `folder` and those above it, mode 0755. They are on disk, with their names, when this returns. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, {recursive: true, mode: 0o755})
  if (first === undefined) return
  const above = path.dirname(first)
  for (let at = path.dirname(path.resolve(folder)); at.startsWith(above); at = path.dirname(at)) {
    await keepNames(at)
    if (at === above) return
  }
}

/** @returns whether it was there. It is gone from the disk when this returns. @throws the error of the file system. */
export async function removeDurably(file: string): Promise<boolean> {
  try {
    await unlink(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  await keepNames(path.dirname(file))
  return true
}

/** Removes what processes that were killed left of `file`. Only for who knows that nobody is just writing it. */
export async function clearLeftOvers(file: string): Promise<void> {
  const folder = path.dirname(file)
  const left = (await readdir(folder)).filter((name) => name.startsWith(`.${path.basename(file)}.`) && LEFT_OVER.test(name))
  await Promise.all(left.map((name) => rm(path.join(folder, name), {force: true})))
}
