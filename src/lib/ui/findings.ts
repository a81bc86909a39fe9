import type {ChalkInstance} from 'chalk'
import {type Finding, isWrong, worstOf, type Subject} from '../model/finding.js'
import {count} from '../util/text.js'
import {columns, fit} from './table.js'

const marksOf = (colours: ChalkInstance): Readonly<Record<Finding['is'], string>> => ({
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

/** Every subject by its area, a line each; of what is not well each finding, and what to do. @param quiet Only what is wrong. */
export function healthText(subjects: readonly Subject[], quiet: boolean, colours: ChalkInstance, room: number): string[] {
  const shown = quiet ? subjects.filter(({findings}) => findings.some(isWrong)) : subjects
  const areas = [...new Set(shown.map(({area}) => area))]
  const lines = areas.flatMap((area) => [
    colours.bold(area),
    ...ofArea(
      shown.filter((subject) => subject.area === area),
      quiet,
      colours,
      room,
    ),
  ])
  return quiet ? lines : [...lines, summary(subjects, colours)]
}

function ofArea(subjects: readonly Subject[], quiet: boolean, colours: ChalkInstance, room: number): string[] {
  const marks = marksOf(colours)
  const rows = subjects.flatMap(({subject, findings}) => {
    const told = findings.filter((finding) => (quiet ? isWrong(finding) : finding.is !== 'good'))
    if (told.length === 0) return [{cells: [marks.good, colours.bold(subject), findings.map(({says}) => says).join(' · ')], next: []}]
    return told.map((finding, index) => ({
      cells: [marks[finding.is], index === 0 ? colours.bold(subject) : '', said(finding, findings.length, colours)],
      next: finding.next ?? [],
    }))
  })
  const lines = columns(rows.map(({cells}) => cells))
  return rows.flatMap(({next}, index) => [fit(`  ${lines[index] ?? ''}`, room), ...next.map((line) => colours.dim(`      ${line}`))])
}

const said = ({is, check, says}: Finding, of: number, colours: ChalkInstance): string => {
  const text = of > 1 ? `${check}: ${says}` : says
  return is === 'bad' ? colours.red(text) : text
}

function summary(subjects: readonly Subject[], colours: ChalkInstance): string {
  const findings = subjects.flatMap((subject) => subject.findings)
  const wrong = subjects.filter((subject) => subject.findings.some(isWrong))
  const open = findings.filter((finding) => finding.is === 'unknown' && !isWrong(finding)).length
  const checked = `${count(findings.length - open, 'check')} of ${count(subjects.length, 'subject')}`
  const left = open > 0 ? `; ${open} could not be made here` : ''
  if (wrong.length === 0) return `${colours.green('✓')} ${checked}: all is well${left}`
  const names = wrong.map(({area, subject, findings: found}) => `${nameOf(area, subject)}${worstOf(found) === 'bad' ? '' : ' (unknown)'}`)
  return `${colours.red('✗')} ${checked}: ${wrong.length} not well: ${names.join(', ')}${left}`
}

const nameOf = (area: string, subject: string): string => (area === 'host' ? subject : `${area}/${subject}`)

/** The `--json` form of the health. Part of the program's interface: fields are added, never renamed. */
export type HealthJson = {
  readonly ok: boolean
  /** When it was looked, ISO 8601. */
  readonly at: string
  readonly subjects: readonly {
    readonly area: string
    readonly subject: string
    /** The worst of its findings. */
    readonly is: Finding['is']
    readonly findings: readonly Finding[]
  }[]
}

export const healthJson = (subjects: readonly Subject[], at: Date): HealthJson => ({
  ok: !subjects.some(({findings}) => findings.some(isWrong)),
  at: at.toISOString(),
  subjects: subjects.map(({area, subject, findings}) => ({area, subject, is: worstOf(findings), findings})),
})

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
