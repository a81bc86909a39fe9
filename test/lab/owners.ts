import {existsSync} from 'node:fs'
import {readdir, readFile, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'

/**
 * Folders of a lab or a registry, in the folder for temporary files. Each says which process will remove it; if that one
 * is gone, it was killed, or the lab was to be kept.
 */
export type Owned = {
  readonly folder: string
  readonly owner: number
  /** A process that belongs to it: the registry's. */
  readonly child?: number | undefined
}

const RECORD = 'owner.json'

export const recordOwner = (folder: string, child?: number): Promise<void> =>
  writeFile(path.join(folder, RECORD), JSON.stringify({folder, owner: process.pid, child} satisfies Owned))

/** Those with such a name whose owner is gone. */
export async function orphans(prefix: string): Promise<Owned[]> {
  return (await owned(prefix)).filter(({owner}) => !existsSync(`/proc/${owner}`))
}

export async function owned(prefix: string): Promise<Owned[]> {
  const folders = (await readdir(tmpdir())).filter((name) => name.startsWith(prefix)).map((name) => path.join(tmpdir(), name))
  const texts = await Promise.all(folders.map((folder) => readFile(path.join(folder, RECORD), 'utf8').catch(() => undefined)))
  return texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as Owned]))
}
