import {stat} from 'node:fs/promises'
import type {Log} from '../model/log.js'

type SourceOptions<T> = {
  /** The files that it is read from. */
  readonly files: readonly string[]
  readonly read: () => Promise<T>
  readonly log: Log
}

/**
 * Reads something again when one of its files changed, and only then: reading a stack runs Compose. While a file cannot be
 * read, as somebody is writing in it, what it said before still holds.
 * @throws what `read` throws, as long as it has never succeeded.
 */
export function fileSource<T>({files, read, log}: SourceOptions<T>): () => Promise<T> {
  let known: {readonly stamp: string; readonly value: T} | undefined
  let refused = ''
  return async () => {
    const stamp = await stampOf(files)
    if (known?.stamp === stamp || (known !== undefined && refused === stamp)) return known.value
    try {
      known = {stamp, value: await read()}
    } catch (error) {
      if (known === undefined) throw error
      refused = stamp
      log.warn(`what was changed in ${files[0]} cannot be used, so what it said before still holds: ${(error as Error).message}`)
    }
    return known.value
  }
}

const stampOf = async (files: readonly string[]): Promise<string> => (await Promise.all(files.map((file) => stampOne(file)))).join(' ')

async function stampOne(file: string): Promise<string> {
  try {
    const {mtimeMs, size, ino} = await stat(file)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return '-'
  }
}
