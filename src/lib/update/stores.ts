import type {Rejected, Transaction} from './types.js'

/** What updates read and write beside Docker. All of it is on disk when a promise resolves. */
export type UpdateBooks = {
  readonly pins: {
    /** By service: the pinned reference. */
    read(stack: string): Promise<ReadonlyMap<string, string>>
    /** @param reference undefined takes the pin out. */
    write(stack: string, service: string, reference: string | undefined): Promise<void>
  }
  readonly transactions: {
    read(project: string): Promise<Transaction | undefined>
    write(project: string, transaction: Transaction): Promise<void>
    clear(project: string): Promise<void>
  }
  readonly rejected: {
    list(): Promise<readonly Rejected[]>
    add(rejected: Rejected): Promise<void>
  }
}

/** Of nobody: a dry run's, a test's. */
export const noBooks: UpdateBooks = {
  pins: {read: () => Promise.resolve(new Map()), write: () => Promise.resolve()},
  transactions: {read: () => Promise.resolve(undefined), write: () => Promise.resolve(), clear: () => Promise.resolve()},
  rejected: {list: () => Promise.resolve([]), add: () => Promise.resolve()},
}
