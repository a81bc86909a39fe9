import type {Journal, JournalRecord} from '../../../src/lib/journal/record.js'

/** A journal in memory. `refuse` throws where the disk would. */
export class MemoryJournal implements Journal {
  readonly records: JournalRecord[] = []
  refuse: (record: JournalRecord) => void = () => undefined

  async append(record: JournalRecord): Promise<void> {
    // As long as a disk takes: who does not wait for it is found out.
    await new Promise((resolve) => setImmediate(resolve))
    this.refuse(record)
    this.records.push(record)
  }

  /** "step stop sonarr: done", a line each. */
  get lines(): string[] {
    return this.records.map(lineOf)
  }
}

function lineOf(record: JournalRecord): string {
  switch (record.kind) {
    case 'began':
      return `began ${record.stack} ${record.verb}: ${record.trigger}`
    case 'planned':
      return `planned ${record.steps.map(({action, target}) => `${action} ${target}`).join(', ')}`
    case 'step':
      return `step ${record.action} ${record.target}: ${record.result}`
    case 'ended':
      return `ended ${record.result}: ${record.summary}`
  }
}
