import {describe, expect, it} from 'vitest'
import {countCascade, isNewCascade, leftToWait, retryDelay} from '../../../src/lib/cascade/limits.js'
import {NOW, RULES, aMemory, anEpisode} from '../../support/unit/cascade.js'

const HOUR = 3_600_000

describe('the wait after a failed attempt', () => {
  it('doubles, and is slow once the attempts that are told about are used up', () => {
    expect([1, 2, 3, 4, 40].map((attempts) => retryDelay(attempts, RULES))).toEqual([10_000, 20_000, 900_000, 900_000, 900_000])
  })

  it('is never longer than the slow one', () => {
    expect(retryDelay(20, {...RULES, attempts: 99})).toBe(900_000)
  })

  it('counts from the end of the attempt, and there is none before the first', () => {
    expect(leftToWait(anEpisode(), RULES, NOW)).toBe(0)
    expect(leftToWait(anEpisode({attempts: 1, lastAttemptAt: NOW - 4_000}), RULES, NOW)).toBe(6_000)
    expect(leftToWait(anEpisode({attempts: 1, lastAttemptAt: NOW - 10_000}), RULES, NOW)).toBe(0)
  })
})

describe('the count of cascades', () => {
  const four = [1, 2, 3, 4].map((minute) => NOW - minute * 60_000).toReversed()

  it('takes the fifth within an hour, and not the sixth', () => {
    expect(countCascade(aMemory({cascades: four}), RULES, NOW)).toEqual({memory: aMemory({cascades: [...four, NOW]}), loop: false})
    expect(countCascade(aMemory({cascades: [...four, NOW - 1]}), RULES, NOW)).toEqual({
      memory: aMemory({cascades: [], pausedUntil: NOW + HOUR}),
      loop: true,
    })
  })

  it('forgets those of an hour ago', () => {
    const {memory, loop} = countCascade(aMemory({cascades: [NOW - HOUR, ...four]}), RULES, NOW)
    expect([loop, memory.cascades]).toEqual([false, [...four, NOW]])
    expect(countCascade(aMemory({cascades: [NOW - HOUR + 1, ...four]}), RULES, NOW).loop).toBe(true)
  })
})

describe('a burst', () => {
  it('is one cascade, and over after the debounce time', () => {
    const after = (milliseconds: number): boolean => isNewCascade(aMemory({cascades: [NOW - milliseconds]}), RULES, NOW)
    expect([after(0), after(29_999), after(30_000)]).toEqual([false, false, true])
    expect(isNewCascade(aMemory(), RULES, NOW)).toBe(true)
  })
})
