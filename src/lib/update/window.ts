import type {Window} from './policy.js'
import {zoneOf, type Zone} from '../util/time-zone.js'
import {WEEKDAYS} from '../model/update.js'

/** Whether updates may be applied now; and when that changes, epoch milliseconds. */
type WindowState = {readonly open: true; readonly closesAt: number} | {readonly open: false; readonly opensAt: number}

type Span = {readonly opensAt: number; readonly closesAt: number}

/**
 * The day before, whose window may go beyond midnight, and two weeks: a window of one day a week that lies within the
 * hour left out in spring does not open in that week.
 */
const DAYS = Array.from({length: 16}, (_, index) => index - 1)

/** @param now Epoch milliseconds. A window that would open in an hour that a time zone leaves out opens at its end. */
export function windowState(window: Window, now: number): WindowState {
  const zone = zoneOf(window.timezone)
  const today = zone.wallClock(now)
  for (const offset of DAYS.filter((one) => isOpening(window, today, one))) {
    const {opensAt, closesAt} = spanOf(window, zone, today, offset)
    if (closesAt > now && opensAt < closesAt) return opensAt <= now ? {open: true, closesAt} : {open: false, opensAt}
  }
  throw new Error('a window without a day')
}

type Today = ReturnType<Zone['wallClock']>

function isOpening({days}: Window, {weekday}: Today, offset: number): boolean {
  const name = WEEKDAYS[(((weekday + offset) % 7) + 7) % 7]
  return days === undefined || (name !== undefined && days.includes(name))
}

function spanOf({from, to}: Window, zone: Zone, today: Today, offset: number): Span {
  const [opens, closes] = [minutesOf(from), minutesOf(to)]
  const day = {...today, day: today.day + offset}
  const last = closes <= opens ? {...day, day: day.day + 1} : day
  return {opensAt: zone.momentOf(day, opens), closesAt: zone.momentOf(last, closes)}
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
