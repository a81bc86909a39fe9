import {noBooks} from '../../../src/lib/update/stores.js'
import type {Rejected, Transaction, UpdateBooks} from '../../../src/lib/model/update.js'
import type {Renewal, RenewalRules} from '../../../src/lib/stack/snapshot.js'

/** What updates write down, in memory. */
export class MemoryBooks implements UpdateBooks {
  open: Transaction | undefined
  readonly rejections: Rejected[] = []
  readonly pins = noBooks.pins

  readonly transactions: UpdateBooks['transactions'] = {
    read: async () => this.open,
    write: async (_, transaction) => void (this.open = JSON.parse(JSON.stringify(transaction)) as Transaction),
    clear: async () => void (this.open = undefined),
  }

  readonly rejected: UpdateBooks['rejected'] = {
    list: async () => this.rejections,
    add: async (one) => void this.rejections.push(one),
  }
}

const PLAIN: RenewalRules = {
  running: 0,
  steady: 0,
  probe: undefined,
  probeLimit: 0,
  before: [],
  after: [],
  hookLimit: 1,
  folders: [],
  backup: '/nowhere',
}

export const aRenewal = (rules: Partial<RenewalRules> = {}): Renewal => ({
  op: 'op',
  references: new Map(),
  rejected: new Map(),
  treatment: () => ({...PLAIN, ...rules}),
  keep: 1,
})
