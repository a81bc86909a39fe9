import {ASIDE, type JournalRecord, type OperationResult} from './record.js'

/** A step of an operation. */
export type OperationStep = {
  readonly action: string
  readonly target: string
  readonly reason: string
  /** What became of it; undefined if nobody wrote that down. */
  readonly result?: string
  readonly seconds?: number
  readonly message?: string
}

/** What the journal knows of one operation. Times are ISO 8601, UTC. */
export type Operation = {
  readonly op: string
  readonly stack: string
  readonly verb: string
  readonly by: 'watch' | 'command'
  readonly trigger: string
  readonly startedAt: string
  /** Of the last line that was written of it. */
  readonly lastAt: string
  readonly endedAt?: string
  readonly seconds?: number
  /** Without an end: `broken-off`, if its stack has had a newer operation since; `unfinished`, if it may still be at work. */
  readonly result: OperationResult | 'unfinished' | 'broken-off'
  readonly summary?: string
  readonly steps: readonly OperationStep[]
}

type Growing = {-readonly [Key in keyof Omit<Operation, 'steps'>]: Operation[Key]} & {steps: OperationStep[]; latest: OperationStep[]}

/**
 * The records, oldest first, as operations in the order of their beginnings. Operations of several stacks may be mixed.
 * What has no beginning, because that is no longer in the journal, is left out.
 */
export function operations(records: Iterable<JournalRecord>): Operation[] {
  const growing = new Map<string, Growing>()
  const newest = new Map<string, Growing>()
  for (const record of records) {
    if (record.kind === 'began') {
      const aside = ASIDE.includes(record.verb)
      const own = beginning(record, aside ? undefined : newest.get(record.stack))
      growing.set(record.op, own)
      if (!aside) newest.set(record.stack, own)
    }
    const own = growing.get(record.op)
    if (own !== undefined) grow(own, record)
  }
  return [...growing.values()].map(({latest: _, ...operation}) => operation)
}

type RecordOf<Kind extends JournalRecord['kind']> = Extract<JournalRecord, {kind: Kind}>

/** One at a time works on a stack, but for what is done aside, so an earlier one without an end has none. */
function beginning({op, stack, verb, by, trigger, at}: RecordOf<'began'>, before: Growing | undefined): Growing {
  if (before?.result === 'unfinished') before.result = 'broken-off'
  return {op, stack, verb, by, trigger, startedAt: at, lastAt: at, result: 'unfinished', steps: [], latest: []}
}

function grow(own: Growing, record: JournalRecord): void {
  own.lastAt = record.at
  switch (record.kind) {
    case 'began':
      return
    case 'planned':
      own.latest = record.steps.map(({action, target, reason}) => ({action, target, reason}))
      own.steps.push(...own.latest)
      return
    case 'step':
      settle(own, record)
      return
    case 'ended': {
      const {result, seconds, summary, at} = record
      Object.assign(own, {result, seconds, summary, endedAt: at})
    }
  }
}

/** Its outcome belongs to the step of the latest plan that has none yet. A second one of the same step stands for itself. */
function settle({steps, latest}: Growing, {action, target, reason, result, seconds, message}: RecordOf<'step'>): void {
  const outcome = {action, target, reason, result, seconds, ...(message === undefined ? {} : {message})}
  const planned = latest.find((step) => step.action === action && step.target === target && step.result === undefined)
  if (planned === undefined) steps.push(outcome)
  else Object.assign(planned, outcome)
}
