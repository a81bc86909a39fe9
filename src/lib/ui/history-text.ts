import type {ChalkInstance} from 'chalk'
import type {Operation, OperationStep} from '../model/operation.js'
import {someOf} from './plan-text.js'
import {actionWord} from './step-text.js'
import {seconds} from './text.js'

/** What was done and why, oldest first, for a person: local time, a headline an operation, its steps where they are alike in one line. */
export const historyText = (operations: readonly Operation[], colours: ChalkInstance): string[] =>
  operations.flatMap((operation, index) => [...(index > 0 ? [''] : []), ...operationText(operation, colours)])

function operationText(operation: Operation, colours: ChalkInstance): string[] {
  const {startedAt, stack, verb, by, trigger, summary, seconds: took} = operation
  const lasted = took === undefined ? '' : ` (${seconds(took)})`
  const who = by === 'watch' ? 'homelab watch' : 'a command'
  return [
    `${mark(operation, colours)} ${colours.dim(local(startedAt))}  ${colours.bold(`${stack} ${verb}`)}: ${ending(operation)}${summary}${lasted}`,
    colours.dim(`    by ${who}, because of: ${trigger}`),
    ...groups(operation.steps).map((line) => colours.dim(`    ${line}`)),
  ]
}

function mark({result}: Operation, colours: ChalkInstance): string {
  switch (result) {
    case 'done':
      return colours.green('✓')
    case 'failed':
      return colours.red('✗')
    case 'cancelled':
      return colours.yellow('■')
    default:
      return colours.yellow('!')
  }
}

const ending = ({result}: Operation): string =>
  result === 'done' || result === 'unhealthy' ? '' : `${result}${result === 'unfinished' || result === 'broken off' ? '' : '; '}`

/** Steps that did the same for the same reason with the same result, in one line. */
function groups(steps: readonly OperationStep[]): string[] {
  const alike = new Map<string, OperationStep[]>()
  for (const step of steps) {
    const key = [step.action, step.reason, step.result, step.result === 'done' ? '' : step.message].join('\n')
    alike.set(key, [...(alike.get(key) ?? []), step])
  }
  return [...alike.values()].map((group) => groupText(group))
}

function groupText(group: readonly OperationStep[]): string {
  const [first] = group
  if (first === undefined) return ''
  const result =
    first.result === undefined
      ? 'not come to'
      : first.result === 'done'
        ? ''
        : `${first.result}${first.message === undefined ? '' : `: ${first.message}`}`
  const longest = Math.max(...group.map(({seconds: took}) => took ?? 0))
  const took = longest >= 0.1 ? ` (${seconds(longest)})` : ''
  return `${actionWord(first.action)} ${someOf(group.map(({target}) => target))}: ${first.reason}${result === '' ? '' : `; ${result}`}${took}`
}

/** In the zone of the machine, as its logs are. */
function local(at: string): string {
  const date = new Date(at)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}
