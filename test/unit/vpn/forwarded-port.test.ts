import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {afterLook, afterSync, decidePort, NO_PORT, type PortMemory, type PortReading} from '../../../src/lib/vpn/forwarded-port.js'

const reading = (forwarded: number | undefined, listens?: boolean, index?: number, process = 42): PortReading => ({
  ...{forwarded, listens, tunnel: index === undefined ? undefined : {process, index}},
})
/** What is decided at each of these readings. */
const story = (...readings: PortReading[]): string[] => {
  let memory: PortMemory = NO_PORT
  return readings.map((now) => {
    const decision = decidePort(now, memory, 0)
    memory = afterLook(memory, now)
    if (decision.is === 'sync') memory = afterSync(memory, decision.port, true, 0)
    return decision.is === 'sync' ? String(decision.port) : decision.is
  })
}

describe('the forwarded port', () => {
  it('is set when it was read twice, and nobody listens there', () => {
    expect(story(reading(5, false), reading(5, false))).toEqual(['rest', '5'])
    expect(story(reading(5, true), reading(5, false), reading(5, false))).toEqual(['rest', 'rest', '5'])
  })

  it('is left alone while it is listened on, while it flaps, and while there is none', () => {
    expect(story(reading(5, true), reading(5, true))).toEqual(['rest', 'rest'])
    expect(story(reading(5, false), reading(6, false), reading(5, false))).toEqual(['rest', 'rest', 'rest'])
    expect(story(reading(undefined), reading(undefined))).toEqual(['rest', 'rest'])
    expect(story(reading(5, false), reading(undefined), reading(5, false))).toEqual(['rest', 'rest', 'rest'])
  })

  it('is set once where the kernel does not tell who listens', () => {
    expect(story(reading(5), reading(5), reading(5), reading(6), reading(6))).toEqual(['rest', '5', 'rest', 'rest', '6'])
  })

  it('is set again, once, when the tunnel has another interface, though somebody listens: on one that is gone', () => {
    expect(story(reading(5, true, 3), reading(5, true, 3), reading(5, true, 4), reading(5, true, 4))).toEqual(['rest', 'rest', '5', 'rest'])
    expect(story(reading(5, true, 3), reading(undefined), reading(5, true, 4), reading(5, true, 4))).toEqual(['rest', 'rest', 'rest', '5'])
  })

  it('is left alone when the gateway was started again: everybody behind it was, too', () => {
    expect(story(reading(5, true, 3), reading(5, true, 4, 43), reading(5, true, 4, 43))).toEqual(['rest', 'rest', 'rest'])
  })

  it('is tried again after a failure, later each time, five minutes at most', () => {
    const failed = (failures: number): PortMemory => ({...NO_PORT, last: reading(5, false), failures})
    const waits = [0, 1, 2, 20].map((failures) => afterSync(failed(failures), 5, false, 0).notBefore)
    expect(waits).toEqual([5_000, 10_000, 20_000, 300_000])
    expect(decidePort(reading(5, false), {...failed(1), notBefore: 1000}, 999).is).toBe('rest')
    expect(decidePort(reading(5, false), {...failed(1), notBefore: 1000}, 1000).is).toBe('sync')
  })

  it('that is written was read twice in a row, whatever was read', () => {
    const port = fc.option(fc.integer({min: 1, max: 3}), {nil: undefined})
    const readings = fc.array(
      fc.record({forwarded: port, listens: fc.option(fc.boolean(), {nil: undefined}), tunnel: fc.constant(undefined)}),
      {maxLength: 30},
    )
    fc.assert(
      fc.property(readings, (all) => {
        story(...all).forEach((decision, index) => {
          if (decision === 'rest') return
          expect([all[index - 1]?.forwarded, all[index]?.forwarded]).toEqual([Number(decision), Number(decision)])
        })
      }),
    )
  })
})
