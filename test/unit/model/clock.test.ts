import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {elapsed, notLater, steadyClock} from '../../../src/lib/model/clock.js'

const moments = fc.integer({min: -1e12, max: 1e13})

describe('a stored moment', () => {
  it('counts as now if it is later than now', () => {
    fc.assert(
      fc.property(moments, moments, (moment, now) => {
        expect(notLater(moment, now)).toBe(moment > now ? now : moment)
        expect(elapsed(moment, now)).toBe(moment > now ? 0 : now - moment)
      }),
    )
  })
})

describe('a steady clock', () => {
  it('never goes back, and goes on as the other one does between its jumps', () => {
    const steps = fc.array(fc.record({passes: fc.integer({min: 0, max: 10_000}), jump: fc.integer({min: -1e10, max: 0})}))
    fc.assert(
      fc.property(moments, steps, (start, turns) => {
        let now = start
        const clock = steadyClock(() => now)
        for (const {passes, jump} of turns) {
          const before = clock()
          now += passes
          const after = clock()
          expect(after - before).toBe(passes)
          now += jump
          expect(clock()).toBe(after)
        }
      }),
    )
  })
})
