import {createReadStream} from 'node:fs'
import {createInterface} from 'node:readline'
import type {JournalRecord} from '../model/journal.js'
import {journalFiles} from './journal.js'

/** Every record that is still there, oldest first; what is no record is left out. @param folder The state folder. */
export async function readJournal(folder: string): Promise<JournalRecord[]> {
  const [newer, older] = journalFiles(folder)
  return [...(await readFileOf(older)), ...(await readFileOf(newer))]
}

async function readFileOf(file: string): Promise<JournalRecord[]> {
  const records: JournalRecord[] = []
  try {
    for await (const line of createInterface({input: createReadStream(file), crlfDelay: Infinity})) {
      const record = parse(line)
      if (record !== undefined) records.push(record)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return records
}

const KINDS = ['began', 'planned', 'step', 'ended']

/** The last line may be torn. */
function parse(line: string): JournalRecord | undefined {
  try {
    const record = JSON.parse(line) as Partial<JournalRecord>
    const whole = typeof record.op === 'string' && typeof record.at === 'string' && KINDS.includes(record.kind ?? '')
    return whole ? (record as JournalRecord) : undefined
  } catch {
    return undefined
  }
}
