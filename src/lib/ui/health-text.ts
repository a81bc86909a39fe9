import type {ChalkInstance} from 'chalk'
import {count} from '../model/count.js'
import {isWrong, worstOf, type Finding, type Subject} from '../model/finding.js'
import {marksOf} from './findings-text.js'
import {columns, fit} from './text.js'

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
