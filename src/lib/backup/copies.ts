import {lstat, mkdir, readdir, realpath, rename, rm, stat} from 'node:fs/promises'
import path from 'node:path'
import {OperatorError, refusal} from '../util/errors.js'
import {keepNames, makeFolder} from '../storage/atomic-file.js'
import {requireWritable} from '../storage/may-write.js'
import {readRecord, writeRecord, type Copied} from './copy-record.js'
import {cp} from '../storage/copy-tree.js'
import {putBack} from './put-back.js'
import {difference, isEmpty, syncedListing, type Listing} from './tree-listing.js'

const copyOf = (backup: string, index: number): string => path.join(backup, String(index))

/**
 * Copies folders of this machine. A folder that is a link is what the link names; links within it stay links. The copies, and
 * then the list of what they hold, are on disk when this returns. @param backup A folder that is made for it.
 * @throws OperatorError; then there is no copy, and nothing else has changed.
 */
export async function copyFolders(folders: readonly string[], backup: string, signal: AbortSignal): Promise<void> {
  try {
    await makeFolder(path.dirname(backup))
    await rm(backup, {recursive: true, force: true})
    await mkdir(backup, {mode: 0o700})
    const copies: Copied[] = []
    for (const [index, folder] of folders.entries()) copies.push(await copy(folder, copyOf(backup, index), signal))
    await keepNames(path.dirname(backup))
    await writeRecord(backup, copies)
  } catch (error) {
    await rm(backup, {recursive: true, force: true})
    signal.throwIfAborted()
    throw new OperatorError(`The configuration cannot be copied to ${backup}: ${refusal(error)}`, {
      next: [`See whether there is room: df -h ${path.dirname(backup)}`, 'A copy keeps owners only as root: run homelab with sudo'],
    })
  }
}

async function copy(folder: string, to: string, signal: AbortSignal): Promise<Copied> {
  const target = await realpath(folder)
  // A copy that could not be put back is no way back: better said before the update than after it.
  await requireWritable(target)
  await cp(target, to, signal)
  return {folder, target, holds: await syncedListing(to, signal)}
}

/**
 * Puts the copies back in place of what is there. Every copy is compared with the list that was made of it before anything is
 * touched. Done once more after a kill, it comes to the same end. @returns For people.
 * @throws OperatorError if a copy is missing, empty or incomplete, or cannot be put back.
 */
export async function restoreFolders(folders: readonly string[], backup: string, signal: AbortSignal): Promise<string> {
  const checked = {whole: false}
  try {
    const copies = await wholeCopies(folders, backup, signal)
    checked.whole = true
    for (const {copy: from, folder, target, holds} of copies) {
      if (holds === undefined || !isEmpty(holds)) await putBack(from, target, holds, signal)
      await clearOlder(folder)
    }
    return `from ${backup}`
  } catch (error) {
    signal.throwIfAborted()
    throw new OperatorError(`The configuration cannot be put back from ${backup}: ${refusal(error)}`, {
      next: checked.whole
        ? byHand(folders, backup)
        : [`See what is left of the copy: ls -lR ${quoted(backup)}`, 'Or put back a copy of your own'],
    })
  }
}

const byHand = (folders: readonly string[], backup: string): string[] =>
  folders.map((folder, index) => `By hand: sudo cp -aT ${quoted(copyOf(backup, index))} ${quoted(folder)}`)

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

/** A copy that is known to be whole. `holds`: undefined of one that an older version made, without a list. */
type Whole = {readonly copy: string; readonly folder: string; readonly target: string; readonly holds: Listing | undefined}

async function wholeCopies(folders: readonly string[], backup: string, signal: AbortSignal): Promise<Whole[]> {
  const record = await readRecord(backup)
  if (record === undefined) throw new Error('no copy in it was finished')
  const others = record.length !== folders.length || record.some(({folder}, index) => folder !== folders[index])
  if (others) throw new Error(`it holds copies of other folders: ${record.map(({folder}) => folder).join(', ')}`)
  const copies: Whole[] = []
  for (const [index, copied] of record.entries()) copies.push(await wholeCopy(copied, copyOf(backup, index), signal))
  return copies
}

async function wholeCopy(copied: Copied | {readonly folder: string}, copy: string, signal: AbortSignal): Promise<Whole> {
  const {folder} = copied
  const found = await lstat(copy).catch(() => undefined)
  if (found === undefined) throw new Error(`the copy ${copy} is missing`)
  if (found.isSymbolicLink()) throw new Error(`the copy ${copy} is only a link`)
  const recorded = 'holds' in copied ? copied : undefined
  const target = await targetOf(folder, recorded?.target, found.isDirectory())
  await requireWhole(copy, recorded?.holds, await syncedListing(copy, signal), target)
  return {copy, folder, target, holds: recorded?.holds}
}

/** An empty copy replaces nothing: the disk of the folder may not have been mounted when it was made. */
async function requireWhole(copy: string, wanted: Listing | undefined, found: Listing, target: string): Promise<void> {
  const differs = wanted && difference(wanted, found)
  const wasEmpty = wanted !== undefined && differs === undefined
  if (isEmpty(found) && !(wasEmpty && (await hasNothing(target)))) throw new Error(`the copy ${copy} is empty`)
  if (differs !== undefined) throw new Error(`the copy ${copy} is incomplete: ${differs}`)
}

/** Where it is put back. A folder that is not there any more is made. */
async function targetOf(folder: string, copied: string | undefined, isFolder: boolean): Promise<string> {
  await undoRenaming(folder)
  const there = await realpath(folder).catch(() => undefined)
  if (there === undefined && isFolder) await mkdir(copied ?? folder, {recursive: true})
  const target = await realpath(folder)
  if (copied !== undefined && target !== copied)
    throw new Error(`${folder} is a link to another folder than when it was copied: ${target} instead of ${copied}`)
  return target
}

const hasNothing = async (folder: string): Promise<boolean> => (await readdir(folder)).length === 0

/** A version that renamed the folder itself was killed between two names. */
async function undoRenaming(folder: string): Promise<void> {
  if (!(await exists(folder)) && (await exists(`${folder}.homelab-old`))) await rename(`${folder}.homelab-old`, folder)
}

/** What such a version has left beside the folder. */
async function clearOlder(folder: string): Promise<void> {
  for (const name of ['.homelab-back', '.homelab-old']) await rm(`${folder}${name}`, {recursive: true, force: true})
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  )
