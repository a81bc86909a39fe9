import {usageError} from '../util/errors.js'
import type {Operation} from './operations.js'

const MINUTE_MS = 60_000
const UNIT_MS: Readonly<Record<string, number>> = {m: MINUTE_MS, h: 60 * MINUTE_MS, d: 1_440 * MINUTE_MS, w: 10_080 * MINUTE_MS}
const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/

/**
 * The moment that a person means: "30m", "12h", "2d", "1w" ago; midnight of "today" or "yesterday"; a date or a time of
 * ISO 8601, which without a zone is ours, as are the midnights.
 * @throws OperatorError (2) for anything else.
 */
export function parseSince(text: string, now: Date): Date {
  const word = text.trim().toLowerCase()
  const moment = ago(word, now) ?? midnight(word, now) ?? written(text.trim())
  if (moment !== undefined) return moment
  throw usageError(`--since: "${text}" is no time that homelab knows.`, [
    'So long ago: --since 30m, --since 12h, --since 2d, --since 1w',
    'Since midnight: --since today, --since yesterday',
    'Since a date or a time: --since 2026-11-22, --since "2026-11-22 23:30", --since 2026-11-22T23:30:00Z',
  ])
}

function ago(word: string, now: Date): Date | undefined {
  const [, amount, unit = ''] = /^(\d+)([mhdw])$/.exec(word) ?? []
  return real(new Date(now.getTime() - Number(amount) * (UNIT_MS[unit] ?? 0)))
}

/** Not 24 hours before the other one: twice a year a day has 23 or 25. */
function midnight(word: string, now: Date): Date | undefined {
  const back = ['today', 'yesterday'].indexOf(word)
  return back < 0 ? undefined : new Date(now.getFullYear(), now.getMonth(), now.getDate() - back)
}

function written(text: string): Date | undefined {
  const [found, year, month, day, hour = '00', minute = '00', second = '00', zone = ''] = DATE.exec(text) ?? []
  // Date takes 30 February for 1 March.
  if (found === undefined || Number(day) > new Date(Number(year), Number(month), 0).getDate()) return undefined
  // Without a time Date would take UTC.
  return real(new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone.replace(/^([+-]\d\d):?/, '$1:')}`))
}

const real = (date: Date): Date | undefined => (Number.isNaN(date.getTime()) ? undefined : date)

export type Wanted = {
  readonly stack?: string | undefined
  /** Of such operations only the steps on it. */
  readonly service?: string | undefined
  readonly since?: Date | undefined
}

/** Those that have a part in what is wanted, in their order. An operation that began before `since` and went on after it has. */
export function selectOperations(all: readonly Operation[], {stack, service, since}: Wanted): Operation[] {
  return all
    .filter((operation) => stack === undefined || operation.stack === stack)
    .filter(({lastAt}) => since === undefined || Date.parse(lastAt) >= since.getTime())
    .map((operation) =>
      service === undefined ? operation : {...operation, steps: operation.steps.filter(({target}) => target === service)},
    )
    .filter(({steps}) => service === undefined || steps.length > 0)
}
