import {mkdir, readFile} from 'node:fs/promises'
import path from 'node:path'
import {NOTHING_REMEMBERED, type CascadeMemory} from '../model/cascade.js'
import {writeAtomically} from './atomic-file.js'

/** What cascades remember, a file a project. Written only by who holds the stack's lock. */
export interface MemoryStore {
  read(project: string): Promise<CascadeMemory>
  /** On disk when it returns. */
  write(project: string, memory: CascadeMemory): Promise<void>
}

/** @param folder The state folder. */
export function cascadeMemory(folder: string): MemoryStore {
  const file = (project: string): string => path.join(folder, 'cascade', `${project}.json`)
  return {
    read: (project) => read(file(project)),
    write: async (project, memory) => {
      await mkdir(path.join(folder, 'cascade'), {recursive: true, mode: 0o755})
      await writeAtomically(file(project), `${JSON.stringify(memory, null, 2)}\n`)
    },
  }
}

/** Of nobody: a dry run's, a test's. */
export const forgetful: MemoryStore = {read: () => Promise.resolve(NOTHING_REMEMBERED), write: () => Promise.resolve()}

/** A file that somebody damaged is no reason to leave services cut off: what can still be seen of Docker is enough to go on. */
async function read(file: string): Promise<CascadeMemory> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING_REMEMBERED
    throw error
  }
  try {
    const {parked, ran, cascades, ...rest} = JSON.parse(text) as Partial<CascadeMemory>
    return {...rest, parked: list(parked), ran: list(ran), cascades: list(cascades)}
  } catch {
    return NOTHING_REMEMBERED
  }
}

const list = <T>(value: readonly T[] | undefined): readonly T[] => (Array.isArray(value) ? (value as readonly T[]) : [])
