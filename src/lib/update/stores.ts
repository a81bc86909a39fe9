import type {UpdateBooks} from '../model/update.js'

/** Of nobody: a dry run's, a test's. */
export const noBooks: UpdateBooks = {
  pins: {read: () => Promise.resolve(new Map()), write: () => Promise.resolve()},
  transactions: {read: () => Promise.resolve(undefined), write: () => Promise.resolve(), clear: () => Promise.resolve()},
  rejected: {list: () => Promise.resolve([]), add: () => Promise.resolve()},
}
