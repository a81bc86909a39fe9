import type {ChalkInstance} from 'chalk'
import type {Finding} from '../model/finding.js'
import {columns, fit} from './text.js'

export const marksOf = (colours: ChalkInstance): Readonly<Record<Finding['is'], string>> => ({
  good: colours.green('✓'),
  warn: colours.yellow('!'),
  bad: colours.red('✗'),
  unknown: colours.yellow('?'),
})

/** A line for each; below what is wrong, what to do. */
export function findingsText(findings: readonly Finding[], colours: ChalkInstance, room: number): string[] {
  const marks = marksOf(colours)
  const lines = columns(findings.map(({is, check, says}) => [marks[is], colours.bold(check), is === 'bad' ? colours.red(says) : says]))
  return findings.flatMap(({next = []}, index) => [fit(lines[index] ?? '', room), ...next.map((line) => colours.dim(`     ${line}`))])
}
