import type {ChalkInstance} from 'chalk'
import {worstOf, type Finding} from '../model/finding.js'
import {marksOf} from './findings-text.js'
import {columns, fit} from './text.js'

type Hop = {readonly from: string; readonly to: string | undefined; readonly findings: readonly Finding[]}

/** The pipeline, from above to below: each step with its arrow; below what is broken, what to click. */
export function flowText(hops: readonly Hop[], colours: ChalkInstance, room: number): string[] {
  const marks = marksOf(colours)
  const rows = hops.map(({from, to, findings}) => {
    const told = findings.filter(({is}) => is !== 'good')
    const said = (told.length > 0 ? told : findings).map(({check, says}) => (told.length > 0 ? `${check}: ${says}` : says)).join(' · ')
    const worst = worstOf(findings)
    return {
      cells: [
        marks[worst],
        colours.bold(from),
        to === undefined ? '' : `→ ${colours.bold(to)}`,
        worst === 'bad' ? colours.red(said) : said,
      ],
      next: [...new Set(told.flatMap(({next = []}) => next))],
    }
  })
  const lines = columns(rows.map(({cells}) => cells))
  return rows.flatMap(({next}, index) => [fit(lines[index] ?? '', room), ...next.map((line) => colours.dim(`     ${line}`))])
}
