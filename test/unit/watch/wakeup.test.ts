import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {wakeup} from '../../../src/lib/watch/wakeup.js'
import {never} from '../support/carry-out.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

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
    expect(await waited(wakeup().wait(5_000, never))).toBe(5_000)
  })

  it('ends at a hint', async () => {
    const awake = wakeup()
    setTimeout(() => awake.wake(), 300)
    expect(await waited(awake.wait(5_000, never))).toBe(300)
  })

  it('does not begin if a hint came while the loop was at work, once', async () => {
    const awake = wakeup()
    awake.reset()
    awake.wake()
    expect(await waited(awake.wait(5_000, never))).toBe(0)
    awake.reset()
    expect(await waited(awake.wait(5_000, never))).toBe(5_000)
  })

  it('ends when it is told to stop, also before it began', async () => {
    const stopping = new AbortController()
    setTimeout(() => stopping.abort(), 300)
    expect(await waited(wakeup().wait(5_000, stopping.signal))).toBe(300)
    expect(await waited(wakeup().wait(5_000, stopping.signal))).toBe(0)
  })

  it('leaves no timer behind', async () => {
    const awake = wakeup()
    const wait = awake.wait(5_000, never)
    awake.wake()
    await wait
    expect(vi.getTimerCount()).toBe(0)
  })
})
