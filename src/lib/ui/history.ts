import type {ChalkInstance} from 'chalk'
import type {Operation, OperationStep} from '../journal/operations.js'
import {someOf, actionWord} from './plan.js'
import {localTime, columns, seconds} from './table.js'

/** An operation: when, what, who asked for it and why, how it ended; under it its steps, those that are alike in one line. */
export function historyText(operation: Operation, colours: ChalkInstance, offset: (moment: Date) => number): string[] {
  const {stack, verb, by, trigger, startedAt, seconds: took} = operation
  const head = [
    `${mark(operation, colours)} ${localTime(new Date(startedAt), offset)}`,
    colours.bold(`${stack} ${verb}`),
    colours.dim(`${by}: ${trigger}`),
    `${end(operation)}${took === undefined ? '' : ` (${seconds(took)})`}`,
  ]
  const table = columns(alike(operation.steps).map((steps) => row(steps, operation, colours)))
  return [head.join('  '), ...table.map((line) => `    ${line}`)]
}

function mark({result}: Operation, colours: ChalkInstance): string {
  switch (result) {
    case 'done':
      return colours.green('✓')
    case 'unhealthy':
    case 'rolled-back':
      return colours.yellow('⚠')
    case 'cancelled':
      return colours.yellow('■')
    case 'unfinished':
      return colours.yellow('…')
    default:
      return colours.red('✗')
  }
}

function end({result, summary}: Operation): string {
  if (result === 'unfinished') return 'not finished: it is still at work, or was ended from outside'
  if (result === 'broken-off') return 'broken off: it was ended from outside'
  return summary ?? result
}

/** Nine dependents that were started for the same reason are one thing that happened. */
function alike(steps: readonly OperationStep[]): OperationStep[][] {
  const groups = new Map<string, OperationStep[]>()
  for (const step of steps) {
    const key = JSON.stringify([step.action, step.reason, step.result, step.message])
    groups.set(key, [...(groups.get(key) ?? []), step])
  }
  return [...groups.values()]
}

function row(steps: readonly OperationStep[], operation: Operation, colours: ChalkInstance): string[] {
  const [first] = steps
  if (first === undefined) return []
  const longest = Math.max(...steps.map(({seconds: took}) => took ?? 0))
  const took = longest < 0.1 ? '' : ` (${steps.length > 1 ? 'up to ' : ''}${seconds(longest)})`
  const names = colours.bold(someOf(steps.map(({target}) => target)))
  return [stepMark(first, colours), actionWord(first.action), names, `${colours.dim(first.reason)}${became(first, operation)}${took}`]
}

function became({result, message}: OperationStep, operation: Operation): string {
  if (result === 'done') return message === undefined ? '' : `: ${message}`
  return `: ${message ?? result ?? withoutOutcome(operation)}`
}

/** Whoever was killed may have done it, and had no time to write that down. */
function withoutOutcome({result}: Operation): string {
  if (result === 'broken-off') return 'not known to be done'
  return result === 'unfinished' ? 'not done yet' : 'not done'
}

function stepMark({result}: OperationStep, colours: ChalkInstance): string {
  if (result === 'done') return colours.green('✓')
  return result === 'failed' ? colours.red('✗') : colours.dim('-')
}

/** The --json form of `history`. Part of the program's interface: fields are added, never renamed. */
export type HistoryJson = {
  /** Oldest first. */
  operations: OperationJson[]
  /** How many fit, too, and were left out for --lines. */
  earlier: number
}

type OperationJson = Omit<Operation, 'lastAt' | 'steps'> & {steps: Operation['steps'][number][]}

export const historyJson = (shown: readonly Operation[], earlier: number): HistoryJson => ({
  operations: shown.map(({lastAt: _, ...operation}) => ({...operation, steps: [...operation.steps]})),
  earlier,
})
