/** Time of the wall clock in a time zone, by the runtime's own tables. */

type WallClock = {readonly year: number; readonly month: number; readonly day: number; readonly minutes: number; readonly weekday: number}

export type Zone = {
  /** As it was given, or this machine's. */
  readonly name: string
  /** What the clock on the wall shows. `at`: epoch milliseconds; `minutes` since midnight, `weekday` 0 is Sunday, `month` 1 to 12. */
  wallClock(at: number): WallClock
  /**
   * The first moment at which the wall clock shows these minutes or more on that day: in spring an hour is left out, in
   * autumn one comes twice. `day` may be beyond the month's end. @returns Epoch milliseconds.
   */
  momentOf(date: Pick<WallClock, 'year' | 'month' | 'day'>, minutes: number): number
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** @param timezone IANA name; undefined: this machine's. A formatter is slow to make, so it is made once. */
export function zoneOf(timezone: string | undefined): Zone {
  const zone = timezone === undefined ? {} : {timeZone: timezone}
  const fields = {year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric'} as const
  const format = new Intl.DateTimeFormat('en-US', {...zone, ...fields, hourCycle: 'h23'})
  const wallClock: Zone['wallClock'] = (at) => {
    const parts = new Map(format.formatToParts(at).map(({type, value}) => [type, Number(value)]))
    const [year = 0, month = 0, day = 0] = [parts.get('year'), parts.get('month'), parts.get('day')]
    const minutes = (parts.get('hour') ?? 0) * 60 + (parts.get('minute') ?? 0)
    return {year, month, day, minutes, weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay()}
  }
  /** Date and time on the wall as if they were UTC: numbers that can be compared. */
  const shown = (at: number): number => {
    const {year, month, day, minutes} = wallClock(at)
    return Date.UTC(year, month - 1, day) + minutes * MINUTE_MS
  }
  return {
    name: timezone ?? format.resolvedOptions().timeZone,
    wallClock,
    momentOf: ({year, month, day}, minutes) => firstMoment(Date.UTC(year, month - 1, day) + minutes * MINUTE_MS, shown),
  }
}

/** By halves: no time zone is more than 14 hours from UTC, and none changes twice within two days. */
function firstMoment(wanted: number, shown: (at: number) => number): number {
  let [low, high] = [(wanted - DAY_MS) / MINUTE_MS, (wanted + DAY_MS) / MINUTE_MS]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (shown(middle * MINUTE_MS) >= wanted) high = middle
    else low = middle + 1
  }
  const found = low * MINUTE_MS
  // Where an hour comes twice, that may be the second time.
  const earlier = [120, 60, 30].map((minutes) => found - minutes * MINUTE_MS)
  return earlier.find((at) => shown(at) === wanted) ?? found
}
