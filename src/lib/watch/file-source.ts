import {stat} from 'node:fs/promises'
import type {CascadeHands} from '../cascade/observe.js'
import type {Log} from '../model/log.js'
import type {DeclaredStack} from '../model/stack.js'

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

/** A stack as its files say now, and what is done with it. @throws OperatorError if they cannot be read. */
export type StackSource = () => Promise<{readonly stack: DeclaredStack; readonly hands: CascadeHands}>

/** What can be read; what cannot is told by who watches over that stack. @throws what the last one threw, if none can be read. */
export const readableOf =
  (sources: ReadonlyMap<string, StackSource>): (() => Promise<readonly Awaited<ReturnType<StackSource>>[]>) =>
  async () => {
    const looks = await Promise.allSettled([...sources.values()].map((source) => source()))
    const read = looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []))
    const refused = looks.findLast(({status}) => status === 'rejected')
    if (read.length === 0 && refused?.status === 'rejected') throw refused.reason
    return read
  }

export function first<T>(items: readonly T[]): T {
  const [item] = items
  if (item === undefined) throw new Error('a homelab has a stack')
  return item
}

/**
 * The stacks with an update that was left in the middle. A stack whose files or records cannot be read is told once.
 * @param told What was said, for the next time.
 */
export async function openStacks(sources: ReadonlyMap<string, StackSource>, log: Log, told: Set<string>): Promise<string[]> {
  const looks = [...sources].map(async ([name, source]) => {
    try {
      const {stack, hands} = await source()
      return (await hands.books.transactions.read(stack.project)) === undefined ? [] : [name]
    } catch (error) {
      const text = `${name}: whether an update was left in the middle is not known: ${(error as Error).message}`
      if (!told.has(text)) log.warn(text)
      told.add(text)
      return []
    }
  })
  return (await Promise.all(looks)).flat()
}
