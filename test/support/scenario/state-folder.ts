import {readdir, readFile} from 'node:fs/promises'
import path from 'node:path'
import type {JournalRecord} from '../../../src/lib/journal/record.js'
import type {Notification} from '../../../src/lib/model/notification.js'
import type {Lab} from '../../lab/lab.js'
import type {CascadeMemory} from '../../../src/lib/model/cascade.js'

/** What homelab has written down, read past the program under test. */
export type StateFolder = {
  /** The file of the torrent stack's cascades. */
  readonly memoryFile: string
  memory(): Promise<CascadeMemory>
  /** Lines of the journal, oldest first. */
  journal(): Promise<JournalRecord[]>
  /** Messages that wait to be sent, oldest first. */
  outbox(): Promise<Notification[]>
}

export function stateFolder(lab: Lab): StateFolder {
  const folder = path.join(lab.home, 'state')
  const memoryFile = path.join(folder, 'cascade', `${lab.id}-torrent.json`)
  return {
    memoryFile,
    memory: async () => {
      const text = await read(memoryFile)
      return text === undefined ? {parked: [], ran: [], cascades: []} : (JSON.parse(text) as CascadeMemory)
    },
    journal: async () =>
      ((await read(path.join(folder, 'journal.jsonl'))) ?? '')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as JournalRecord),
    outbox: async () => {
      const files = await readdir(path.join(folder, 'outbox')).catch(() => [])
      const texts = await Promise.all(
        files
          .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
          .toSorted()
          .map((name) => read(path.join(folder, 'outbox', name))),
      )
      return texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as Notification]))
    },
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
