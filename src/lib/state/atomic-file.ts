import {randomBytes} from 'node:crypto'
import {open, rename, rm, type FileHandle} from 'node:fs/promises'
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
