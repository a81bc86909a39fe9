import {spawn} from 'node:child_process'
import {mkdir, rename, rm, stat, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {OperatorError} from '../../model/operator-error.js'

/** Says that everything is in it. */
const WHOLE = 'whole'

const copyOf = (backup: string, index: number): string => path.join(backup, String(index))

/**
 * Copies folders of this machine, with owners, modes and links: cp(1) knows more of that than Node, and lets a file
 * system that can share the blocks. @param backup A folder that is made for it.
 * @throws OperatorError; then there is no copy, and nothing else has changed.
 */
export async function copyFolders(folders: readonly string[], backup: string, signal: AbortSignal): Promise<void> {
  try {
    await mkdir(backup, {recursive: true, mode: 0o700})
    for (const [index, folder] of folders.entries()) await cp(folder, copyOf(backup, index), signal)
    await writeFile(path.join(backup, WHOLE), `${folders.join('\n')}\n`)
  } catch (error) {
    await rm(backup, {recursive: true, force: true})
    signal.throwIfAborted()
    throw new OperatorError(`The configuration cannot be copied to ${backup}: ${(error as Error).message}`, {
      next: [`See whether there is room: df -h ${path.dirname(backup)}`, 'A copy keeps owners only as root: run homelab with sudo'],
    })
  }
}

/**
 * Puts the copies back in place of what is there. @returns For people. A copy that is not whole was never used: the new
 * version has not run, and what is there is right.
 */
export async function restoreFolders(folders: readonly string[], backup: string, signal: AbortSignal): Promise<string> {
  if (!(await exists(path.join(backup, WHOLE)))) return 'it was not changed yet'
  try {
    for (const [index, folder] of folders.entries()) await putBack(copyOf(backup, index), folder, signal)
    return `from ${backup}`
  } catch (error) {
    signal.throwIfAborted()
    throw new OperatorError(`The configuration cannot be put back from ${backup}: ${(error as Error).message}`, {
      next: [`By hand: ${folders.map((folder, index) => `sudo cp -a ${copyOf(backup, index)}/. ${folder}/`).join('; ')}`],
    })
  }
}

/** Beside it first, so that a kill leaves one of the two whole under a name that can be found. */
async function putBack(copy: string, folder: string, signal: AbortSignal): Promise<void> {
  const [fresh, old] = [`${folder}.homelab-back`, `${folder}.homelab-old`]
  await rm(fresh, {recursive: true, force: true})
  await cp(copy, fresh, signal)
  if (!(await exists(folder)) && (await exists(old))) await rename(old, folder)
  await rm(old, {recursive: true, force: true})
  await rename(folder, old)
  await rename(fresh, folder)
  await rm(old, {recursive: true, force: true})
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  )

function cp(from: string, to: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('cp', ['-a', '--reflink=auto', '--', from, to], {stdio: ['ignore', 'ignore', 'pipe'], signal})
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said = `${said}${String(chunk)}`.slice(0, 500)))
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(said.trim().split('\n')[0] ?? `cp ended with ${code}`))))
  })
}
