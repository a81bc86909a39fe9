import {randomBytes} from 'node:crypto'
import {chown, link, mkdir, open, rm} from 'node:fs/promises'
import path from 'node:path'
import {OperatorError, refusal} from '../util/errors.js'
import type {FirstFile, Owner} from '../model/plan.js'
import {keepNames} from '../storage/atomic-file.js'

/** @throws OperatorError that says what to type. */
export async function makeFolder(folder: string, owner: Owner): Promise<void> {
  await explained(folder, async () => {
    await mkdir(folder, {recursive: true})
    await chown(folder, owner.uid, owner.gid)
  })
}

/**
 * Writes a file that is there whole or not at all, and only where there is none: the program, or a person, may have written
 * one since it was looked for.
 * @returns For people, if nothing was written.
 * @throws OperatorError that says what to type.
 */
export async function writeFirst({path: file, within, content}: FirstFile, owner: Owner | undefined): Promise<string | undefined> {
  return explained(file, async () => {
    const folder = path.dirname(file)
    for (const one of foldersBetween(within, folder)) {
      const made = await mkdir(one, {recursive: true})
      if (made !== undefined && owner !== undefined) await chown(one, owner.uid, owner.gid)
    }
    const temporary = path.join(folder, `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`)
    try {
      await writeSynced(temporary, content, owner)
      await link(temporary, file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return `${file} is there by now, and stays as it is`
      throw error
    } finally {
      await rm(temporary, {force: true})
    }
    await keepNames(folder)
    return undefined
  })
}

/** From the service's own folder down: what is above it belongs to others. */
function foldersBetween(top: string, folder: string): string[] {
  const below = path.relative(top, folder)
  const parts = below === '' ? [] : below.split(path.sep)
  return [top, ...parts.map((_, index) => path.join(top, ...parts.slice(0, index + 1)))]
}

async function writeSynced(file: string, content: string, owner: Owner | undefined): Promise<void> {
  const handle = await open(file, 'wx', 0o644)
  try {
    await handle.writeFile(content)
    if (owner !== undefined) await handle.chown(owner.uid, owner.gid)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function explained<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const why = refusal(error)
    const isForbidden = ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')
    const next = isForbidden ? 'Run the command with sudo' : `Look at its disk and its folder: ls -ld ${path.dirname(what)}`
    throw new OperatorError(`${what} could not be made: ${why}.`, {next: [next]})
  }
}
