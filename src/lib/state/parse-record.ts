import type {JournalRecord, OperationResult} from '../model/journal.js'

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
