import {describe, expect, it} from 'vitest'
import {parseSince} from '../../../src/lib/journal/query.js'

const now = new Date(2026, 10, 23, 8, 15, 30)
const HOUR = 3_600_000

describe('parseSince', () => {
  it.each([
    ['30m', HOUR / 2],
    ['12h', 12 * HOUR],
    ['2d', 48 * HOUR],
    ['1w', 168 * HOUR],
    ['0m', 0],
    [' 12H ', 12 * HOUR],
  ])('%s ago', (text, back) => expect(parseSince(text, now)).toEqual(new Date(now.getTime() - back)))

  it.each([
    ['today', new Date(2026, 10, 23)],
    ['Yesterday', new Date(2026, 10, 22)],
    ['2026-11-22', new Date(2026, 10, 22)],
    ['2026-11-22 23:30', new Date(2026, 10, 22, 23, 30)],
    ['2026-11-22T23:30:15', new Date(2026, 10, 22, 23, 30, 15)],
  ])('%s by our clocks', (text, moment) => expect(parseSince(text, now)).toEqual(moment))

  it.each([
    ['2026-11-22T23:30Z', '2026-11-22T23:30:00Z'],
    ['2026-11-22T23:30:15.123Z', '2026-11-22T23:30:15Z'],
    ['2026-11-22T23:30:15+01:00', '2026-11-22T22:30:15Z'],
    ['2026-11-22 23:30-0530', '2026-11-23T05:00:00Z'],
    ['2028-02-29T00:00Z', '2028-02-29T00:00:00Z'],
  ])('%s of its own zone', (text, moment) => expect(parseSince(text, now)).toEqual(new Date(moment)))

  it.each([
    '',
    '12',
    'h',
    '-2d',
    '1.5h',
    '2 d',
    '3y',
    'monday',
    '2026-13-01',
    '2026-02-30',
    '2027-02-29',
    '2026-11-22T25:00',
    '22.11.2026',
    '99999999999999w',
  ])('refuses %j, with examples', (text) => {
    const refused = (): Date => parseSince(text, now)
    expect(refused).toThrow(`--since: "${text}" is no time`)
    expect(refused).toThrow(
      expect.objectContaining({exitCode: 2, next: expect.arrayContaining([expect.stringContaining('12h')]) as string[]}),
    )
  })
})
