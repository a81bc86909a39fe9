import {vi} from 'vitest'

/** Time that passes only when a test lets it, and then at once. */
export type VirtualTime = {
  /** Lets so many milliseconds pass: every timer of theirs fires in its order. @throws Error if something turns without resting. */
  pass(milliseconds: number): Promise<void>
  /** Lets everything run that waits for no timer. */
  settle(): Promise<void>
  end(): void
}

/** More timers than this at the same moment: a loop that does not rest. */
const MOST_AT_ONCE = 500

/** Replaces the timers and the clock of this process until `end` is called. @param start Epoch milliseconds. */
export function virtualTime(start: number): VirtualTime {
  vi.useFakeTimers({now: start, toFake: ['setTimeout', 'clearTimeout', 'Date']})
  return {
    settle: idle,
    end: () => void vi.useRealTimers(),
    pass: async (milliseconds) => {
      let over = false
      setTimeout(() => (over = true), milliseconds)
      await idle()
      for (let fired = 0, at = Date.now(); !over; fired++) {
        vi.advanceTimersToNextTimer()
        if (Date.now() !== at) fired = 0
        at = Date.now()
        if (fired > MOST_AT_ONCE) throw new Error('something turns without resting')
        await idle()
      }
    },
  }
}

const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
