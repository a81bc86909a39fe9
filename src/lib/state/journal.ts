import {appendFile, mkdir} from 'node:fs/promises'
import path from 'node:path'
import type {Journal} from '../model/journal.js'

export function openJournal(folder: string): Journal {
  return {
    append: async (record) => {
      await mkdir(folder, {recursive: true})
      await appendFile(path.join(folder, 'journal.jsonl'), `${JSON.stringify(record)}\n`)
    },
  }
}
