import type {Journal, JournalRecord} from '../../../src/lib/journal/record.js'
import type {Notification, Notifier} from '../../../src/lib/model/notification.js'
import {NOTHING_REMEMBERED, type CascadeMemory, type MemoryStore} from '../../../src/lib/model/cascade.js'

/** A state folder in memory: what would be on disk, and everything that was ever written. */
export class Notebooks {
  readonly records: JournalRecord[] = []
  readonly posts: Notification[] = []
  readonly writes: CascadeMemory[] = []
  /** The last that was to be written, whether or not it could be. */
  tried: CascadeMemory = NOTHING_REMEMBERED
  /** Throws to fail the next call: "append", "write". */
  before: (call: string) => void = () => undefined

  /** What a process that starts now would read. */
  get present(): CascadeMemory {
    return this.writes.at(-1) ?? NOTHING_REMEMBERED
  }

  readonly journal: Journal = {
    append: async (record) => {
      this.before('append')
      this.records.push(record)
    },
  }

  readonly notifier: Notifier = {post: async (notification) => void this.posts.push(notification)}

  /** Through JSON, as a file: what is not JSON would be lost. */
  readonly memory: MemoryStore = {
    read: async () => structuredClone(this.present),
    write: async (_, memory) => {
      this.before('write')
      this.writes.push(JSON.parse(JSON.stringify(memory)) as CascadeMemory)
    },
  }
}
