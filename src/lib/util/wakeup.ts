/** A wait that can be ended early. Milliseconds. */
export type Pause = {
  /** Before this it is not ended early. */
  readonly leastMs: number
  readonly mostMs: number
}

export type Wakeup = {
  wake(): void
  /** Waits until somebody calls `wake`, or did since the last wait; the signal ends it at once. */
  next(pause: Pause, signal: AbortSignal): Promise<void>
}

export function createWakeup(): Wakeup {
  let called = false
  let end = (): void => undefined
  return {
    wake: () => {
      called = true
      end()
    },
    next: async ({leastMs, mostMs}, signal) => {
      await nap(leastMs, signal, () => undefined)
      if (!called) await nap(mostMs - leastMs, signal, (wake) => (end = wake))
      called = false
    },
  }
}

/** @param hand is given what ends the nap. */
async function nap(milliseconds: number, signal: AbortSignal, hand: (end: () => void) => void): Promise<void> {
  if (milliseconds <= 0 || signal.aborted) return
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  const timer = setTimeout(end, milliseconds)
  signal.addEventListener('abort', end, {once: true})
  hand(end)
  await ended
  clearTimeout(timer)
  signal.removeEventListener('abort', end)
}
