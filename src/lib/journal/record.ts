/** What the journal keeps of an operation, a JSON object a line. Part of the program's interface: fields are added, never renamed. */

/** `at`: ISO 8601, UTC. `op`: the operation that the line belongs to. */
type Line = {readonly op: string; readonly at: string}

type JournalStep = {readonly action: string; readonly target: string; readonly reason: string}

/** Verbs of what is done beside an operation on the same stack: to the tunnel, and to the forwarded port. */
export const ASIDE: readonly string[] = ['tunnel', 'port']

/** How an operation ended. `unhealthy`: done, but something that was started is not well. */
export type OperationResult = 'done' | 'unhealthy' | 'failed' | 'cancelled' | 'rolled-back'

export type JournalRecord =
  | (Line & {
      readonly kind: 'began'
      readonly stack: string
      /** "cascade", "update", … */
      readonly verb: string
      /** Who asked: "watch", or "command" with a person or cron behind it. */
      readonly by: 'watch' | 'command'
      /** What made it necessary, for people: "gluetun restarted at 02:13:05". */
      readonly trigger: string
    })
  | (Line & {readonly kind: 'planned'; readonly steps: readonly JournalStep[]})
  | (Line &
      JournalStep & {
        readonly kind: 'step'
        readonly result: string
        readonly seconds: number
        readonly message?: string
      })
  | (Line & {
      readonly kind: 'ended'
      readonly result: OperationResult
      readonly seconds: number
      /** One sentence for people. */
      readonly summary: string
    })

/** Where operations are written down. A line is on disk when `append` returns. */
export interface Journal {
  append(record: JournalRecord): Promise<void>
}

/** Of an operation that nobody writes down: a dry run, a test. */
export const noJournal: Journal = {append: () => Promise.resolve()}

type Check = (value: unknown) => boolean

const text: Check = (value) => typeof value === 'string'
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value)
const time: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value))
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value)
const orNone =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)

const RESULTS: Readonly<Record<OperationResult, true>> = {done: true, unhealthy: true, failed: true, cancelled: true, 'rolled-back': true}
const LINE = {op: text, at: time}
const STEP = {action: text, target: text, reason: text}

/** What each kind of line must have; more than that is a newer homelab's. */
const KINDS: Readonly<Record<JournalRecord['kind'], Readonly<Record<string, Check>>>> = {
  began: {...LINE, stack: text, verb: text, by: oneOf('watch', 'command'), trigger: text},
  planned: {...LINE, steps: (steps) => Array.isArray(steps) && steps.every((step) => fits(step, STEP))},
  step: {...LINE, ...STEP, result: text, seconds: number, message: orNone(text)},
  ended: {...LINE, result: oneOf(...Object.keys(RESULTS)), seconds: number, summary: text},
}

/** A line of the journal; undefined for one that was torn, or that is none of ours. (zod would double the time of a short command.) */
export function parseRecord(line: string): JournalRecord | undefined {
  const value = parsed(line)
  if (typeof value !== 'object' || value === null || !('kind' in value) || !isKind(value.kind)) return undefined
  return fits(value, KINDS[value.kind]) ? (value as JournalRecord) : undefined
}

const isKind = (kind: unknown): kind is JournalRecord['kind'] => typeof kind === 'string' && Object.hasOwn(KINDS, kind)

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function fits(value: unknown, shape: Readonly<Record<string, Check>>): boolean {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Readonly<Record<string, unknown>>
  return Object.entries(shape).every(([name, check]) => check(fields[name]))
}
