import type {Finding, Subject} from '../model/finding.js'

/** How busy this machine is. */
export type Strain = {
  /** What each limit is multiplied by. */
  readonly factor: number
  /** "load 70 on 2 cores"; undefined: it is not busy, and has no excuse. */
  readonly says: string | undefined
}

/** So many that want to run for each core are too many for an answer in time. */
const BUSY = 3
/** A process then waits about so much longer for its turn. */
const FACTOR = 4

/** Pure. @param load Of the last minute, as /proc/loadavg has it: on Linux who waits for a disk counts, too. */
export function strainOf(load: number, cores: number): Strain {
  if (load < BUSY * cores) return {factor: 1, says: undefined}
  return {factor: FACTOR, says: `load ${Math.round(load)} on ${cores === 1 ? '1 core' : `${cores} cores`}`}
}

export const isLate = (subjects: readonly Subject[]): boolean => subjects.some(({findings}) => findings.some(({late}) => late))

/**
 * Two looks, the second because of what was late in the first: what answered once is not late. What was late twice is wrong,
 * unless the machine is too busy to tell: then it could not be checked. Pure.
 */
export function askedTwice(first: readonly Subject[], second: readonly Subject[], {says}: Strain): Subject[] {
  const before = new Map(first.map((subject) => [keyOf(subject), subject]))
  const now = new Set(second.map(keyOf))
  const settled = second.map((subject) => ({
    ...subject,
    findings: subject.findings.flatMap((finding) => settle(finding, before.get(keyOf(subject)), says)),
  }))
  // A look that was late does not tell of all that there is.
  const hidden = isLate(second) ? first.filter((subject) => !now.has(keyOf(subject))) : []
  const seen = hidden.map((subject) => ({...subject, findings: subject.findings.flatMap(ofOneLook)}))
  return [...settled, ...seen].filter(({findings}) => findings.length > 0)
}

/** What is told only when it is late: without it there was an answer. */
const ONLY_LATE = new Set(['stacks', 'time', 'answers'])

/** Who was asked once, and did not answer, could not be checked. */
function ofOneLook(finding: Finding): Finding[] {
  if (!finding.late) return [finding]
  return ONLY_LATE.has(finding.check) ? [] : [{...finding, is: 'unknown'}]
}

const keyOf = ({area, subject}: Subject): string => `${area}\n${subject}`

function settle(finding: Finding, before: Subject | undefined, busy: string | undefined): Finding[] {
  if (!finding.late) return [finding]
  const same = before?.findings.filter(({check}) => check === finding.check) ?? []
  if (same.length > 0 && !same.some(({late}) => late)) return same
  if (same.length === 0) return ofOneLook(finding)
  return [busy === undefined ? finding : {...finding, is: 'unknown', says: `${finding.says} (slow: ${busy})`}]
}
