import type {Journal, JournalRecord, OperationResult} from '../model/journal.js'

/** What is done to a tunnel or a port, for `homelab history`: an operation of one step. */
export type Deed = {
  readonly stack: string
  readonly verb: 'port' | 'tunnel'
  readonly by: 'watch' | 'command'
  /** For people: the words of the command line, or what the watcher saw. */
  readonly trigger: string
  readonly action: 'set-port' | 'reconnect' | 'bring-back' | 'prove'
  /** The service. */
  readonly target: string
}

export type Notebook = {
  readonly journal: Journal
  readonly newOperation: () => string
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly warn: (text: string) => void
  readonly signal: AbortSignal
}

/** `summary`: one sentence for people. */
type Ending = {readonly result: OperationResult; readonly summary: string}

/**
 * Does `work`, and writes down what came of it. A journal that cannot be written is told, and stops nothing.
 * @param ending undefined: it is not worth a word.
 * @throws whatever `work` throws, which is an ending, too.
 */
export async function noted<T>(
  deed: Deed,
  book: Notebook,
  work: () => Promise<T>,
  ending: (came: {readonly done: T} | {readonly error: unknown}) => Ending | undefined,
): Promise<T> {
  const start = book.now()
  try {
    const done = await work()
    await write(deed, book, start, ending({done}))
    return done
  } catch (error) {
    const told = ending({error})
    await write(deed, book, start, told && book.signal.aborted ? {...told, result: 'cancelled'} : told)
    throw error
  }
}

export const failed = (error: unknown): Ending => ({
  result: 'failed',
  summary: error instanceof Error ? error.message : String(error),
})

async function write(deed: Deed, {journal, newOperation, now, warn}: Notebook, start: number, ending: Ending | undefined): Promise<void> {
  if (ending === undefined) return
  try {
    for (const record of records(deed, newOperation(), {start, end: now()}, ending)) await journal.append(record)
  } catch (error) {
    warn(`${(error as Error).message} homelab history will not show this.`)
  }
}

function records(deed: Deed, op: string, {start, end}: {start: number; end: number}, {result, summary}: Ending): JournalRecord[] {
  const {stack, verb, by, trigger, action, target} = deed
  const at = new Date(end).toISOString()
  const seconds = (end - start) / 1000
  const step = {action, target, reason: trigger, seconds}
  return [
    {op, at: new Date(start).toISOString(), kind: 'began', stack, verb, by, trigger},
    {op, at, kind: 'step', ...step, result: result === 'done' ? 'done' : 'failed'},
    {op, at, kind: 'ended', result, seconds, summary},
  ]
}
