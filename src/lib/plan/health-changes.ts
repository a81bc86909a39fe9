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
 * Pure. A subject is one trouble, whatever of it is wrong: a service that hangs and then stops is not two messages. What was
 * not looked at, as its stack could not be read or was not asked for, is as it was.
 * @param now Epoch milliseconds.
 */
export function healthChanges(before: readonly Trouble[], subjects: readonly Subject[], now: number): HealthChanges {
  const known = new Map(before.map((trouble) => [keyOf(trouble), trouble]))
  const present = subjects.flatMap((subject) => troubleOf(subject, known.get(keyOf(subject))?.since ?? now))
  const keys = new Set(present.map(keyOf))
  const areas = new Set(subjects.map(({area}) => area))
  const gone = before.filter((trouble) => !keys.has(keyOf(trouble)))
  const over = gone.filter(({area}) => areas.has(area))
  return {
    begun: present.filter((trouble) => !known.has(keyOf(trouble))),
    worse: present.filter((trouble) => trouble.is === 'bad' && known.get(keyOf(trouble))?.is === 'unknown'),
    over,
    troubles: [...gone.filter(({area}) => !areas.has(area)), ...present],
  }
}

export const hasChanged = ({begun, worse, over}: HealthChanges): boolean => begun.length + worse.length + over.length > 0

const keyOf = ({area, subject}: Pick<Trouble, 'area' | 'subject'>): string => `${area}\n${subject}`

function troubleOf({area, subject, findings}: Subject, since: number): Trouble[] {
  const wrong = findings.filter(isWrong)
  const worst = wrong.find(({is}) => is === 'bad') ?? wrong[0]
  return worst === undefined ? [] : [{area, subject, is: worst.is === 'bad' ? 'bad' : 'unknown', says: worst.says, since}]
}
