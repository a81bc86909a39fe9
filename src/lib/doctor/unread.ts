import type {Diagnosis} from './diagnosis.js'

/** Whose answer is of all stacks, and good only if all could be read. */
const OF_ALL = new Set(['ports', 'folders', 'images'])

/** What was counted without some of the stacks is not fine. Pure. @param unread Stacks that could not be read. */
export function withUnread(found: readonly Diagnosis[], unread: readonly string[]): Diagnosis[] {
  if (unread.length === 0) return [...found]
  return found.map((one) =>
    OF_ALL.has(one.check) && (one.is === 'good' || one.optional === true)
      ? {is: 'unknown', check: one.check, says: `${one.says}; but ${unread.join(', ')} could not be read`}
      : one,
  )
}
