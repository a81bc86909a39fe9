import type {JournalRecord, OperationResult} from './journal.js'

/** A step of an operation, and what became of it; without a result it was planned and not come to. */
export type OperationStep = {
  readonly action: string
  readonly target: string
  readonly reason: string
  readonly result?: string
  readonly seconds?: number
  readonly message?: string
}

/** What was done, when, why and by whom: the lines of the journal that belong together. */
export type Operation = {
  readonly op: string
  readonly stack: string
  readonly verb: string
  readonly by: string
  readonly trigger: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly endedAt?: string
  readonly seconds?: number
  /** `unfinished`: no end is written down, and nothing newer of that stack began; `broken off`: something did. */
  readonly result: OperationResult | 'unfinished' | 'broken off'
  readonly summary: string
  readonly steps: readonly OperationStep[]
}

/** Puts the journal's lines together, in the order in which the operations began. Pure. */
export function operations(records: readonly JournalRecord[]): Operation[] {
  const byOp = new Map<string, JournalRecord[]>()
  for (const record of records) byOp.set(record.op, [...(byOp.get(record.op) ?? []), record])
  const found = [...byOp.values()].flatMap((lines) => operation(lines) ?? [])
  const newest = new Map(found.map(({stack, op}) => [stack, op]))
  return found.map((one) => (one.result === 'unfinished' && newest.get(one.stack) !== one.op ? {...one, result: 'broken off'} : one))
}

/** undefined: its beginning is not in the journal any more. */
function operation(lines: readonly JournalRecord[]): Operation | undefined {
  const began = lines.find((line) => line.kind === 'began')
  if (began === undefined) return undefined
  const {op, stack, verb, by, trigger, at} = began
  const ended = lines.find((line) => line.kind === 'ended')
  const end = ended && {endedAt: ended.at, seconds: ended.seconds}
  return {
    op,
    stack,
    verb,
    by,
    trigger,
    startedAt: at,
    result: ended?.result ?? 'unfinished',
    summary: ended?.summary ?? '',
    steps: stepsOf(lines),
    ...end,
  }
}

/** An operation that looks again plans again: a step counts as often as it was carried out. */
function stepsOf(lines: readonly JournalRecord[]): OperationStep[] {
  const open: OperationStep[] = []
  const steps: OperationStep[] = []
  for (const line of lines) {
    if (line.kind === 'planned') open.splice(0, open.length, ...line.steps)
    if (line.kind !== 'step') continue
    const {action, target, reason, result, seconds, message} = line
    steps.push({action, target, reason, result, seconds, ...(message !== undefined && {message})})
    const place = open.findIndex((step) => step.action === action && step.target === target)
    if (place >= 0) open.splice(place, 1)
  }
  return [...steps, ...open]
}
