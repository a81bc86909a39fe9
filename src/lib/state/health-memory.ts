import {readFile} from 'node:fs/promises'
import path from 'node:path'
import type {Trouble} from '../model/health.js'
import {writeAtomically} from './atomic-file.js'
import {clearLeftOvers, makeFolder} from './durable-files.js'
import {isObject, isTrue, number, object, oneOf, orNone, parsed, text} from './shape.js'
import {usable} from './usable.js'

/** What `homelab health --notify` has told. Each call throws an OperatorError (78) that names the file. */
type HealthMemory = {
  /** A damaged file is nothing remembered: what is wrong is told once more. */
  read(): Promise<readonly Trouble[]>
  /** On disk when it returns. */
  write(troubles: readonly Trouble[]): Promise<void>
}

/** The file `<folder>/health/troubles.json`. */
export function healthMemory(folder: string): HealthMemory {
  const file = path.join(folder, 'health', 'troubles.json')
  return {
    read: () => named(file, () => read(file)),
    write: (troubles) =>
      named(file, async () => {
        await makeFolder(path.dirname(file))
        await clearLeftOvers(file)
        await writeAtomically(file, `${JSON.stringify({troubles}, null, 2)}\n`)
      }),
  }
}

const isTrouble = object({
  area: text,
  subject: text,
  danger: orNone(text),
  is: oneOf('bad', 'unknown'),
  says: text,
  untold: orNone(isTrue),
  since: number,
}) as (value: unknown) => value is Trouble

async function read(file: string): Promise<readonly Trouble[]> {
  try {
    const found = parsed(await readFile(file, 'utf8'))
    const troubles: readonly unknown[] = isObject(found) && Array.isArray(found.troubles) ? found.troubles : []
    return troubles.filter(isTrouble)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

const named = <T>(file: string, work: () => Promise<T>): Promise<T> => usable(`What was told before, ${file},`, work)
