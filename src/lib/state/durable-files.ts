import {mkdir, readdir, rm, unlink} from 'node:fs/promises'
import path from 'node:path'
import {keepNames, LEFT_OVER} from './atomic-file.js'

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
