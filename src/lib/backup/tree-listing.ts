import {createHash} from 'node:crypto'
import {lstat, open, readdir} from 'node:fs/promises'

/** `path`: below the root; '' is the root itself. `size`: bytes of a file; 0 of everything else. */
export type Entry = {readonly path: string; readonly kind: 'file' | 'folder' | 'link' | 'other'; readonly size: number}

/**
 * What a file or a folder holds. Two trees with the same digest hold the same names, kinds and sizes. `entries` are left out
 * where there are more than `MOST`: a media server's configuration has hundreds of thousands, and the list would be read
 * into memory at each restore. Then the digest still tells that something differs, and the counts tell how much.
 */
export type Listing = {
  readonly files: number
  readonly folders: number
  readonly bytes: number
  readonly digest: string
  readonly entries?: readonly Entry[]
}

/** Entries that are listed one by one: some 300 kB of JSON. */
const MOST = 5_000
/** Files that are synced side by side. */
const AT_ONCE = 16

/**
 * Lists a tree, and syncs each file and folder of it: what is listed is on disk when this returns. Follows no link.
 * @param most Entries that are listed one by one. @throws the error of the file system, or what the signal says.
 */
export async function syncedListing(root: string, signal: AbortSignal, most = MOST): Promise<Listing> {
  const hash = createHash('sha256')
  const counts = {files: 0, folders: 0, bytes: 0}
  let entries: Entry[] | undefined = []
  let batch: Found[] = []
  const flush = async (): Promise<void> => {
    signal.throwIfAborted()
    await Promise.all(batch.map(sync))
    batch = []
  }
  for await (const found of tree(Buffer.from(root), Buffer.alloc(0))) {
    const {kind, size, name} = found
    hash.update(`${kind} ${size} `).update(name).update('\0')
    count(counts, found)
    entries?.push({path: name.toString(), kind, size})
    if (entries !== undefined && entries.length > most) entries = undefined
    if (batch.push(found) >= AT_ONCE) await flush()
  }
  await flush()
  return {...counts, digest: hash.digest('hex'), ...(entries !== undefined && {entries})}
}

function count(counts: {files: number; folders: number; bytes: number}, {kind, size}: Found): void {
  if (kind === 'file') counts.files++
  if (kind === 'folder') counts.folders++
  counts.bytes += size
}

/** Names are bytes: not every program writes UTF-8. */
type Found = {readonly at: Buffer; readonly name: Buffer; readonly kind: Entry['kind']; readonly size: number}

const SLASH = Buffer.from('/')

/** The root, then its entries by name, each folder before what it holds. */
async function* tree(at: Buffer, name: Buffer): AsyncGenerator<Found> {
  const found = await lstat(at)
  const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : found.isSymbolicLink() ? 'link' : 'other'
  yield {at, name, kind, size: kind === 'file' ? found.size : 0}
  if (kind !== 'folder') return
  const children = await readdir(at, {encoding: 'buffer'})
  for (const child of children.toSorted((one, other) => one.compare(other)))
    yield* tree(Buffer.concat([at, SLASH, child]), name.length === 0 ? child : Buffer.concat([name, SLASH, child]))
}

/** A link is kept by its folder; a socket or a pipe holds nothing. */
async function sync({at, kind}: Found): Promise<void> {
  if (kind !== 'file' && kind !== 'folder') return
  const handle = await open(at, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Apart from its root, there is nothing in it. */
export const isEmpty = ({files, folders, bytes, entries}: Listing): boolean =>
  files === 0 && folders === 1 && bytes === 0 && (entries === undefined || entries.length === 1)

/** What differs, in words; undefined: nothing does. */
export function difference(wanted: Listing, found: Listing): string | undefined {
  if (wanted.digest === found.digest) return undefined
  const one = wanted.entries && found.entries && firstDifference(wanted.entries, found.entries)
  return one ?? `${amount(found)} instead of ${amount(wanted)}`
}

const amount = ({files, folders, bytes}: Listing): string => `${files} files and ${folders} folders with ${bytes} bytes`

function firstDifference(wanted: readonly Entry[], found: readonly Entry[]): string | undefined {
  const there = new Map(found.map((entry) => [entry.path, entry]))
  for (const {path, kind, size} of wanted) {
    const other = there.get(path)
    if (other === undefined) return `${path} is missing`
    if (other.kind !== kind) return `${path} is a ${other.kind} instead of a ${kind}`
    if (other.size !== size) return `${path} has ${other.size} bytes instead of ${size}`
  }
  const known = new Set(wanted.map(({path}) => path))
  const more = found.find(({path}) => !known.has(path))
  return more === undefined ? undefined : `${more.path} was not copied`
}
