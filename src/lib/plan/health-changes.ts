import {isWrong, type Subject} from '../model/finding.js'
import type {Trouble} from '../model/health.js'

/** What became of the troubles since the last look. */
export type HealthChanges = {
  readonly begun: readonly Trouble[]
  /** It could not be checked, and now is known to be wrong. */
  readonly worse: readonly Trouble[]
  readonly over: readonly Trouble[]
  /** What is wrong now, to be remembered. */
  readonly troubles: readonly Trouble[]
}

/**
 * Pure. What could not be checked is told when it could not be checked at two looks: a machine that is busy is slow once. A subject is one trouble, whatever of it is wrong: a service that hangs and then stops is not two messages. But what is
 * dangerous in it is each a trouble of its own, and over only when it is seen to be. What was not looked at, as its stack could
 * not be read or was not asked for, is as it was.
 * @param now Epoch milliseconds.
 */
export function healthChanges(before: readonly Trouble[], subjects: readonly Subject[], now: number): HealthChanges {
  const known = new Map(before.map((trouble) => [keyOf(trouble), trouble]))
  const present = subjects.flatMap((subject) => troublesOf(subject)).map((trouble) => asTrouble(trouble, known.get(keyOf(trouble)), now))
  const keys = new Set(present.map(keyOf))
  const gone = before.filter((trouble) => !keys.has(keyOf(trouble)))
  const open = gone.filter((trouble) => isOpen(trouble, subjects))
  return {
    begun: present.filter((trouble) => !trouble.untold && !isTold(known.get(keyOf(trouble)))),
    worse: present.filter(
      (trouble) => trouble.is === 'bad' && isTold(known.get(keyOf(trouble))) && known.get(keyOf(trouble))?.is === 'unknown',
    ),
    over: gone.filter((trouble) => isTold(trouble) && !open.includes(trouble) && !isRelieved(trouble, present)),
    troubles: [...open, ...present],
  }
}

const isTold = (trouble: Trouble | undefined): boolean => trouble !== undefined && trouble.untold !== true

function asTrouble(trouble: Omit<Trouble, 'since'>, before: Trouble | undefined, now: number): Trouble {
  const isNew = before === undefined
  return {...trouble, since: before?.since ?? now, ...(isNew && trouble.is === 'unknown' && {untold: true})}
}

export const hasChanged = ({begun, worse, over}: HealthChanges): boolean => begun.length + worse.length + over.length > 0

const keyOf = ({area, subject, danger = ''}: Pick<Trouble, 'area' | 'subject' | 'danger'>): string => `${area}\n${subject}\n${danger}`

const isOf = ({area, subject}: Subject, trouble: Trouble): boolean => area === trouble.area && subject === trouble.subject

/** Not seen to be over. A danger is not, for as long as its subject is there and the same check does not say so. */
function isOpen(trouble: Trouble, subjects: readonly Subject[]): boolean {
  if (!subjects.some(({area}) => area === trouble.area)) return true
  const present = trouble.danger === undefined ? undefined : subjects.find((subject) => isOf(subject, trouble))
  if (present === undefined) return false
  return !present.findings.some(({check, is}) => check === trouble.danger && (is === 'good' || is === 'warn'))
}

/** What could not be checked and is dangerous now has not recovered. */
const isRelieved = ({area, subject, danger}: Trouble, present: readonly Trouble[]): boolean =>
  danger === undefined && present.some((one) => one.danger !== undefined && one.area === area && one.subject === subject)

function troublesOf({area, subject, findings}: Subject): Omit<Trouble, 'since'>[] {
  const wrong = findings.filter(isWrong)
  const dangers = wrong.filter(({is, danger}) => is === 'bad' && danger === true)
  const others = wrong.filter((finding) => !dangers.includes(finding))
  const worst = others.find(({is}) => is === 'bad') ?? others[0]
  return [
    ...dangers.map(({check, says}) => ({area, subject, danger: check, is: 'bad' as const, says})),
    ...(worst === undefined ? [] : [{area, subject, is: worst.is === 'bad' ? ('bad' as const) : ('unknown' as const), says: worst.says}]),
  ]
}
