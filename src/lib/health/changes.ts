import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {elapsed} from '../model/clock.js'
import {isWrong, type Subject} from '../model/finding.js'
import type {Notification} from '../model/notification.js'
import {writeAtomically, clearLeftOvers, makeFolder} from '../storage/atomic-file.js'
import {isObject, isTrue, number, object, oneOf, orNone, parsed, text, usable} from '../storage/json-file.js'
import {count} from '../util/text.js'

/** What became of the troubles since the last look. */
type HealthChanges = {
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

/** What `homelab health --notify` has told. Each call throws an OperatorError (78) that names the file. */
type HealthMemory = {
  /** A damaged file is nothing remembered: what is wrong is told once more. */
  read(): Promise<readonly Trouble[]>
  /** On disk when it returns. */
  write(troubles: readonly Trouble[]): Promise<void>
}

/** The file `<folder>/health/troubles.json`. */
export function healthMemory(folder: string): HealthMemory {
  const file = path.join(folder, 'health', 'troubles.json')
  return {
    read: () => explained(file, () => read(file)),
    write: (troubles) =>
      explained(file, async () => {
        await makeFolder(path.dirname(file))
        await clearLeftOvers(file)
        await writeAtomically(file, `${JSON.stringify({troubles}, null, 2)}\n`)
      }),
  }
}

const isTrouble = object({
  area: text,
  subject: text,
  danger: orNone(text),
  is: oneOf('bad', 'unknown'),
  says: text,
  untold: orNone(isTrue),
  since: number,
}) as (value: unknown) => value is Trouble

async function read(file: string): Promise<readonly Trouble[]> {
  try {
    const found = parsed(await readFile(file, 'utf8'))
    const troubles: readonly unknown[] = isObject(found) && Array.isArray(found.troubles) ? found.troubles : []
    return troubles.filter(isTrouble)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

const explained = <T>(file: string, work: () => Promise<T>): Promise<T> => usable(`What was told before, ${file},`, work)

/** What the operator's phone is told when the health changes; undefined: it has not. @param now Epoch milliseconds. */
export function healthAlert({begun, worse, over, troubles}: HealthChanges, now: number): Notification | undefined {
  if (begun.length + worse.length + over.length === 0) return undefined
  const left = troubles.length
  const dangers = begun.filter(({danger}) => danger !== undefined)
  const lines = [
    ...[...dangers, ...begun.filter(({danger}) => danger === undefined)].map((trouble) => `- ${named(trouble)}: ${trouble.says}`),
    ...worse.map((trouble) => `- worse: ${named(trouble)}: ${trouble.says}`),
    ...over.map((trouble) => `- recovered: ${named(trouble)}, after ${span(elapsed(trouble.since, now))}`),
    ...(left > begun.length + worse.length ? [`Wrong in all: ${troubles.map(named).join(', ')}`] : []),
    ...(left > 0 ? ['Next: homelab health --quiet'] : []),
  ]
  const bad = begun.length + worse.length > 0
  const title =
    dangers.length > 0
      ? 'Homelab: traffic may bypass the VPN'
      : bad
        ? `Homelab: ${count(begun.length + worse.length, 'new problem')}`
        : left > 0
          ? 'Homelab: something recovered'
          : 'Homelab: all is well again'
  return {
    title,
    message: lines.join('\n'),
    tags: [bad ? 'rotating_light' : 'white_check_mark'],
    priority: dangers.length > 0 ? 5 : bad ? 4 : 3,
    at: new Date(now).toISOString(),
  }
}

const named = ({area, subject, danger}: Trouble): string =>
  `${area === 'host' ? subject : `${area}/${subject}`}${danger === undefined || danger === subject ? '' : ` (${danger})`}`

function span(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000)
  if (minutes < 1) return 'less than a minute'
  return minutes < 120 ? count(minutes, 'minute') : count(Math.round(minutes / 60), 'hour')
}

/** Something that is wrong, remembered between two looks. Holds no secret. */
type Trouble = {
  readonly area: string
  readonly subject: string
  /** Of a dangerous finding, which check it is: it is a trouble of its own. */
  readonly danger?: string
  readonly is: 'bad' | 'unknown'
  readonly says: string
  /** It could not be checked, once, and nobody was told yet: it may only have been slow. */
  readonly untold?: true
  /** Epoch milliseconds. */
  readonly since: number
}
