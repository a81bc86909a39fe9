import type {CascadeMemory, CascadeRules, Episode} from '../../model/cascade.js'
import {elapsed} from '../../model/clock.js'

const HOUR_MS = 3_600_000
/** After the last of the attempts that are told about: things may have got better by themselves. */
const SLOW_MS = 900_000

/** Milliseconds from a failed attempt to the next one: doubling, then slow. */
export function retryDelay(attempts: number, {attempts: most, backoff}: CascadeRules): number {
  return attempts < most ? Math.min(SLOW_MS, backoff * 1000 * 2 ** (attempts - 1)) : SLOW_MS
}

/** Milliseconds until the next attempt may begin; 0: now. */
export function leftToWait({attempts, lastAttemptAt}: Episode, rules: CascadeRules, now: number): number {
  return attempts === 0 ? 0 : Math.max(0, retryDelay(attempts, rules) - elapsed(lastAttemptAt, now))
}

/** The memory with one more cascade in it; or paused, if that would be one too many. */
export function countCascade(
  memory: CascadeMemory,
  rules: CascadeRules,
  now: number,
): {readonly memory: CascadeMemory; readonly loop: boolean} {
  const recent = memory.cascades.filter((begun) => begun > now - HOUR_MS)
  if (recent.length < rules.perHour) return {memory: {...memory, cascades: [...recent, now]}, loop: false}
  // The count begins anew after the pause.
  return {memory: {...memory, cascades: [], pausedUntil: now + rules.pause * 1000}, loop: true}
}

/** Another start of the gateway within the debounce time is the same burst, and the same cascade. */
export const isNewCascade = ({cascades}: CascadeMemory, rules: CascadeRules, now: number): boolean =>
  elapsed(cascades.at(-1) ?? -Infinity, now) >= rules.debounce * 1000
