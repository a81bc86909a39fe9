import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {windowState} from '../../../src/lib/update/window.js'
import {zoneOf} from '../../../src/lib/util/time-zone.js'

const at = (iso: string): number => Date.parse(iso)
const iso = (moment: number): string => new Date(moment).toISOString().replace('.000Z', 'Z')

describe('the window of updates', () => {
  it.each([
    // Berlin is one hour ahead of UTC in winter, two in summer.
    ['Europe/Berlin', '02:00', '04:00', '2026-01-10T00:59:00Z', 'opens 2026-01-10T01:00:00Z'],
    ['Europe/Berlin', '02:00', '04:00', '2026-01-10T01:00:00Z', 'closes 2026-01-10T03:00:00Z'],
    ['Europe/Berlin', '02:00', '04:00', '2026-07-10T00:30:00Z', 'closes 2026-07-10T02:00:00Z'],
    // 2027-03-28: 02:00 to 03:00 does not exist; it opens when the clock jumps to 03:00.
    ['Europe/Berlin', '02:00', '04:00', '2027-03-28T00:30:00Z', 'opens 2027-03-28T01:00:00Z'],
    ['Europe/Berlin', '02:00', '04:00', '2027-03-28T01:30:00Z', 'closes 2027-03-28T02:00:00Z'],
    // 2026-10-25: 02:00 to 03:00 comes twice; it opens at the first.
    ['Europe/Berlin', '02:00', '04:00', '2026-10-24T23:30:00Z', 'opens 2026-10-25T00:00:00Z'],
    ['Europe/Berlin', '02:00', '04:00', '2026-10-25T01:30:00Z', 'closes 2026-10-25T03:00:00Z'],
    ['America/New_York', '23:00', '05:00', '2026-11-01T03:30:00Z', 'closes 2026-11-01T10:00:00Z'],
    ['Asia/Kolkata', '02:00', '04:00', '2026-11-23T20:00:00Z', 'opens 2026-11-23T20:30:00Z'],
    ['UTC', '00:00', '00:00', '2026-11-23T12:00:00Z', 'closes 2026-11-24T00:00:00Z'],
    ['UTC', '23:00', '01:00', '2026-12-31T23:30:00Z', 'closes 2027-01-01T01:00:00Z'],
  ])('%s %s–%s, at %s: %s', (timezone, from, to, now, expected) => {
    const state = windowState({from, to, timezone}, at(now))
    expect(state.open ? `closes ${iso(state.closesAt)}` : `opens ${iso(state.opensAt)}`).toBe(expected)
  })

  it('opens a week later if the hour that is left out was all of it', () => {
    const window = {from: '02:00', to: '02:30', days: ['sun'] as const, timezone: 'Europe/Berlin'}
    const opensAt = at('2027-04-04T00:00:00Z')
    for (const now of ['2027-03-21T01:30:00Z', '2027-03-22T12:00:00Z', '2027-03-28T01:00:00Z'])
      expect(windowState(window, at(now))).toEqual({open: false, opensAt})
    expect(windowState({...window, days: undefined}, at('2027-03-28T00:30:00Z'))).toEqual({
      open: false,
      opensAt: at('2027-03-29T00:00:00Z'),
    })
  })

  it.each(['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'UTC'])(
    'opens and closes in turn through the switches, in %s',
    (timezone) => {
      const window = {from: '22:30', to: '02:30', days: ['sat', 'sun', 'wed'] as const, timezone}
      for (const start of ['2026-10-19T00:00:00Z', '2026-10-26T00:00:00Z', '2027-03-08T00:00:00Z', '2027-03-22T00:00:00Z']) {
        let state = windowState(window, at(start))
        let now = at(start)
        while (now < at(start) + 8 * 86_400_000) {
          const change = state.open ? state.closesAt : state.opensAt
          expect(change).toBeGreaterThan(now)
          expect(windowState(window, change - 1)).toEqual(state)
          const next = windowState(window, change)
          expect(next.open).toBe(!state.open)
          ;[state, now] = [next, change]
        }
      }
    },
  )

  it('is of the day on which it opens, also beyond midnight', () => {
    const window = {from: '23:00', to: '05:00', days: ['sat'] as const, timezone: 'UTC'}
    expect(windowState(window, at('2026-11-22T03:00:00Z'))).toEqual({open: true, closesAt: at('2026-11-22T05:00:00Z')})
    expect(windowState(window, at('2026-11-22T23:30:00Z'))).toEqual({open: false, opensAt: at('2026-11-28T23:00:00Z')})
  })

  it('agrees with the clock on the wall at any minute of any year', () => {
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC')
    const moment = fc.integer({min: at('2026-01-01T00:00:00Z') / 60_000, max: at('2028-01-01T00:00:00Z') / 60_000})
    const hour = fc.integer({min: 0, max: 23})
    const property = fc.property(zone, moment, hour, hour, (timezone, minute, from, to) => {
      const now = minute * 60_000
      const two = (number: number): string => `${String(number).padStart(2, '0')}:00`
      const state = windowState({from: two(from), to: two(to), timezone}, now)
      const {wallClock} = zoneOf(timezone)
      const {minutes} = wallClock(now)
      const [opens, closes] = [from * 60, to * 60]
      const inside = opens < closes ? minutes >= opens && minutes < closes : minutes >= opens || minutes < closes
      // In the hour that comes twice the clock on the wall cannot tell, and neither can this test.
      const twice = [-60, -30, 30, 60].some((shift) => wallClock(now + shift * 60_000).minutes === minutes)
      if (!twice) expect(state.open).toBe(inside)
      const change = state.open ? state.closesAt : state.opensAt
      expect(change).toBeGreaterThan(now)
      expect(windowState({from: two(from), to: two(to), timezone}, change).open).not.toBe(state.open && from !== to)
    })
    fc.assert(property, {numRuns: 200})
  })
})
