import {stepsOf, type Plan, type StepOutcome, type Reporter} from '../model/plan.js'
import type {Journal, JournalRecord, OperationResult} from './record.js'

type Began = Omit<Extract<JournalRecord, {kind: 'began'}>, 'op' | 'at' | 'kind'>

/** `seconds`: what the whole operation took. `summary`: one sentence for people. */
type Ending = {readonly result: OperationResult; readonly summary: string; readonly seconds: number}

/** Writes one operation down; the line is on disk when a promise resolves. Each one rejects as `Journal.append` does. */
export type Recorder = {
  began(what: Began): Promise<void>
  planned(plan: Plan): Promise<void>
  step(outcome: StepOutcome): Promise<void>
  ended(how: Ending): Promise<void>
}

/**
 * Lines stand in the journal in the order of the calls, also of calls that do not wait for each other, and each has the
 * time of its call.
 * @param now epoch milliseconds
 */
export function recorder(journal: Journal, {op, now}: {readonly op: string; readonly now: () => number}): Recorder {
  const line = (): {op: string; at: string} => ({op, at: new Date(now()).toISOString()})
  let last: Promise<void> = Promise.resolve()
  const append = (record: JournalRecord): Promise<void> => {
    last = last.catch(() => undefined).then(() => journal.append(record))
    return last
  }
  return {
    began: ({stack, verb, by, trigger}) => append({...line(), kind: 'began', stack, verb, by, trigger}),
    planned: (plan) =>
      append({...line(), kind: 'planned', steps: stepsOf(plan).map(({action, target, reason}) => ({action, target, reason}))}),
    step: ({step: {action, target, reason}, result, seconds, message}) =>
      append({
        ...line(),
        kind: 'step',
        action,
        target,
        reason,
        result,
        seconds: inMs(seconds),
        ...(message === undefined ? {} : {message}),
      }),
    ended: ({result, seconds, summary}) => append({...line(), kind: 'ended', result, seconds: inMs(seconds), summary}),
  }
}

/** The clock has no more than that; 0.1 + 0.2 would write 17 digits. */
const inMs = (seconds: number): number => Math.round(seconds * 1000) / 1000

/** A reporter that also writes every outcome into the journal, in order. */
export function recording(reporter: Reporter, book: Recorder): {reporter: Reporter; written(): Promise<void>} {
  let last: Promise<void> = Promise.resolve()
  const own: Reporter = {
    ...reporter,
    ended: (outcome) => {
      reporter.ended(outcome)
      last = last.then(() => book.step(outcome))
      // It is told by `written`; Node would end the process meanwhile, as nobody listens yet.
      last.catch(() => undefined)
    },
  }
  return {reporter: own, written: () => last}
}

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
type ActionEnding = {readonly result: OperationResult; readonly summary: string}

/**
 * Does `work`, and writes down what came of it. A journal that cannot be written is told, and stops nothing.
 * @param ending undefined: it is not worth a word.
 * @throws whatever `work` throws, which is an ending, too.
 */
export async function noted<T>(
  deed: Deed,
  book: Notebook,
  work: () => Promise<T>,
  ending: (came: {readonly done: T} | {readonly error: unknown}) => ActionEnding | undefined,
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

export const failed = (error: unknown): ActionEnding => ({
  result: 'failed',
  summary: error instanceof Error ? error.message : String(error),
})

async function write(
  deed: Deed,
  {journal, newOperation, now, warn}: Notebook,
  start: number,
  ending: ActionEnding | undefined,
): Promise<void> {
  if (ending === undefined) return
  try {
    for (const record of records(deed, newOperation(), {start, end: now()}, ending)) await journal.append(record)
  } catch (error) {
    warn(`${(error as Error).message} homelab history will not show this.`)
  }
}

function records(deed: Deed, op: string, {start, end}: {start: number; end: number}, {result, summary}: ActionEnding): JournalRecord[] {
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
