import {steadyClock} from '../../model/clock.js'
import type {Log} from '../../model/log.js'

const MINUTE_MS = 60_000
const MOST = 1_000

/** Tells the log of refused requests: the same one from the same address once a minute, with how often it came meanwhile. */
export function refusals(log: Log, now: () => number): (address: string, what: string) => void {
  const clock = steadyClock(now)
  const told = new Map<string, {at: number; since: number}>()
  return (address, what) => {
    const key = `${address} ${what}`
    const known = told.get(key)
    if (known !== undefined && clock() - known.at < MINUTE_MS) return void known.since++
    if (told.size >= MOST) told.clear()
    log.warn(`refused: ${what}, from ${address}${known === undefined || known.since === 0 ? '' : ` (and ${known.since} times before)`}`)
    told.set(key, {at: clock(), since: 0})
  }
}
