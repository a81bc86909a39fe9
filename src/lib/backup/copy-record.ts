import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {writeAtomically} from '../storage/atomic-file.js'
import {isObject, listOf, number, object, oneOf, orNone, parsed, text, type Check} from '../storage/json-file.js'
import type {Entry, Listing} from './tree-listing.js'

/** One folder that was copied. */
export type Copied = {
  /** As the Compose file names it. */
  readonly folder: string
  /** Where it is, its links followed. */
  readonly target: string
  readonly holds: Listing
}

/** The file that says that a backup is whole, written last. */
const NAME = 'whole'
const FORMAT = 2

/** On disk when it returns. */
export const writeRecord = (backup: string, copies: readonly Copied[]): Promise<void> =>
  writeAtomically(path.join(backup, NAME), `${JSON.stringify({format: FORMAT, copies})}\n`)

/**
 * @returns What was copied, in the order of the copies; only the folders, of a backup that a version before this format made:
 * that one wrote a path a line. undefined: no copy was finished.
 * @throws Error if it is damaged.
 */
export async function readRecord(backup: string): Promise<readonly (Copied | {readonly folder: string})[] | undefined> {
  const file = path.join(backup, NAME)
  let content: string
  try {
    content = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (!content.startsWith('{')) return content.split('\n').flatMap((folder) => (folder === '' ? [] : [{folder}]))
  const found = parsed(content)
  if (isObject(found) && found.format === FORMAT && isCopies(found.copies)) return found.copies as readonly Copied[]
  throw new Error(`${file}, which says what was copied, is damaged`)
}

type Fields<T> = Readonly<Record<keyof T, Check>>

const ENTRY = {path: text, kind: oneOf('file', 'folder', 'link', 'other'), size: number} satisfies Fields<Entry>
const HOLDS = {
  files: number,
  folders: number,
  bytes: number,
  digest: text,
  entries: orNone(listOf(object(ENTRY))),
} satisfies Fields<Listing>
const isCopies = listOf(object({folder: text, target: text, holds: object(HOLDS)} satisfies Fields<Copied>))
