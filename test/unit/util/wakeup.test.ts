import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {createWakeup, type Pause} from '../../../src/lib/util/wakeup.js'
import {never} from '../../support/unit/carry-out.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const PAUSE: Pause = {leastMs: 0, mostMs: 5_000}

/** How long a wait took, milliseconds; undefined: it has not ended after a minute. */
async function waited(wait: Promise<void>): Promise<number | undefined> {
  const began = Date.now()
  let took: number | undefined
  void wait.then(() => (took = Date.now() - began))
  await vi.advanceTimersByTimeAsync(60_000)
  return took
}

describe('the sleep of a loop', () => {
  it('ends after its time', async () => {
    expect(await waited(createWakeup().next(PAUSE, never))).toBe(5_000)
  })

  it('ends at a hint', async () => {
    const awake = createWakeup()
    setTimeout(() => awake.wake(), 300)
    expect(await waited(awake.next(PAUSE, never))).toBe(300)
  })

  it('lasts its least time, whatever comes', async () => {
    const awake = createWakeup()
    setTimeout(() => awake.wake(), 300)
    expect(await waited(awake.next({leastMs: 2_000, mostMs: 5_000}, never))).toBe(2_000)
  })

  it('does not begin if a hint came while the loop was at work, once', async () => {
    const awake = createWakeup()
    awake.wake()
    expect(await waited(awake.next(PAUSE, never))).toBe(0)
    expect(await waited(awake.next(PAUSE, never))).toBe(5_000)
  })

  it('ends when it is told to stop, also before it began', async () => {
    const stopping = new AbortController()
    setTimeout(() => stopping.abort(), 300)
    expect(await waited(createWakeup().next(PAUSE, stopping.signal))).toBe(300)
    expect(await waited(createWakeup().next(PAUSE, stopping.signal))).toBe(0)
  })

  it('leaves no timer behind', async () => {
    const awake = createWakeup()
    const wait = awake.next(PAUSE, never)
    await vi.advanceTimersByTimeAsync(1)
    awake.wake()
    await wait
    expect(vi.getTimerCount()).toBe(0)
  })
})
