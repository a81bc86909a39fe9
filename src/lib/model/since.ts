import {usageError} from './operator-error.js'

const UNITS = {m: 60_000, h: 3_600_000, d: 86_400_000} as const

/**
 * "30m", "12h", "2d", "today", "yesterday", or a date as ISO 8601 has it, which without a zone is local time.
 * @returns Epoch milliseconds. @throws OperatorError (2) for anything else.
 */
export function parseSince(text: string, now: Date): number {
  const span = /^(\d{1,6})([mhd])$/.exec(text)
  if (span !== null) return now.getTime() - Number(span[1]) * UNITS[span[2] as keyof typeof UNITS]
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() - (text === 'yesterday' ? 1 : 0)).getTime()
  if (text === 'today' || text === 'yesterday') return midnight
  // A date alone would be taken for UTC.
  const at = /^\d{4}-\d\d-\d\d$/.test(text)
    ? Date.parse(`${text}T00:00`)
    : /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text)
      ? Date.parse(text)
      : NaN
  if (Number.isNaN(at))
    throw usageError(`"${text}" is no time.`, [
      'A span: --since 30m, --since 12h, --since 2d',
      'or a day: --since yesterday, --since 2026-11-22, --since 2026-11-22T21:30',
    ])
  return at
}
