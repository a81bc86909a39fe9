/**
 * Moments that were stored, and a clock that may have been set back since (a board without a battery, a virtual machine that
 * was restored, NTP). All in milliseconds. What compares such a moment with now uses these.
 */

/** A stored moment as it counts: one that is later than now was written before the clock was set back, and counts as now. */
export const notLater = (moment: number, now: number): number => Math.min(moment, now)

/** How long ago a stored moment is; one that is later than now is not long ago. */
export const elapsed = (moment: number, now: number): number => now - notLater(moment, now)

/** A stored end of a wait: it is never further away than the whole wait. */
export const deadline = (until: number, wait: number, now: number): number => notLater(until - wait, now) + wait

/**
 * A clock for waits within this process: it goes on as `now` does, and stays where it is while that is set back. What it says
 * is not the time of day, and is compared only with what it said before.
 */
export function steadyClock(now: () => number): () => number {
  let last = now()
  let said = last
  return () => {
    const present = now()
    said += elapsed(last, present)
    last = present
    return said
  }
}
