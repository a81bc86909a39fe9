import type {CascadeMemory, CascadeRules} from '../../model/cascade.js'
import {deadline, notLater} from '../../model/clock.js'

/**
 * What is remembered, after the clock was set back: no moment is later than now. It has to be written down, or each look would
 * begin the same wait once more. Pure.
 */
export function caughtUp(memory: CascadeMemory, {pause}: CascadeRules, now: number): CascadeMemory {
  const {episode, pausedUntil} = memory
  return {
    ...memory,
    parked: memory.parked.map((entry) => ({...entry, since: notLater(entry.since, now)})),
    cascades: memory.cascades.map((begun) => notLater(begun, now)),
    ...(episode && {
      episode: {...episode, startedAt: notLater(episode.startedAt, now), lastAttemptAt: notLater(episode.lastAttemptAt, now)},
    }),
    ...(pausedUntil !== undefined && {pausedUntil: deadline(pausedUntil, pause * 1000, now)}),
  }
}
