import type {CascadeHands} from '../apply/cascade/hands.js'
import type {DeclaredStack} from '../model/declared.js'
import type {Log} from '../model/log.js'

/** A stack as its files say now, and what is done with it. @throws OperatorError if they cannot be read. */
export type StackSource = () => Promise<{readonly stack: DeclaredStack; readonly hands: CascadeHands}>

/** What can be read; what cannot is told by who watches over that stack. @throws what the last one threw, if none can be read. */
export const readableOf =
  (sources: ReadonlyMap<string, StackSource>): (() => Promise<readonly Awaited<ReturnType<StackSource>>[]>) =>
  async () => {
    const looks = await Promise.allSettled([...sources.values()].map((source) => source()))
    const read = looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []))
    const refused = looks.findLast(({status}) => status === 'rejected')
    if (read.length === 0 && refused?.status === 'rejected') throw refused.reason
    return read
  }

export function first<T>(items: readonly T[]): T {
  const [item] = items
  if (item === undefined) throw new Error('a homelab has a stack')
  return item
}

/**
 * The stacks with an update that was left in the middle. A stack whose files or records cannot be read is told once.
 * @param told What was said, for the next time.
 */
export async function openStacks(sources: ReadonlyMap<string, StackSource>, log: Log, told: Set<string>): Promise<string[]> {
  const looks = [...sources].map(async ([name, source]) => {
    try {
      const {stack, hands} = await source()
      return (await hands.books.transactions.read(stack.project)) === undefined ? [] : [name]
    } catch (error) {
      const text = `${name}: whether an update was left in the middle is not known: ${(error as Error).message}`
      if (!told.has(text)) log.warn(text)
      told.add(text)
      return []
    }
  })
  return (await Promise.all(looks)).flat()
}
