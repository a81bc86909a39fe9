/** Ends the sleep of a loop. A hint that comes while the loop is at work causes another turn right after it. */
export type Wakeup = {
  /** Call before looking: a hint that comes after this is not lost. */
  reset(): void
  wake(): void
  /** Ends at a hint since `reset`, after so many milliseconds, or when the signal fires. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
}

export function wakeup(): Wakeup {
  let hinted = false
  let rouse = (): void => undefined
  return {
    reset: () => void (hinted = false),
    wake: () => {
      hinted = true
      rouse()
    },
    wait: (milliseconds, signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', end)
          rouse = () => undefined
          resolve()
        }
        const timer = setTimeout(end, milliseconds)
        rouse = end
        signal.addEventListener('abort', end, {once: true})
        if (hinted || signal.aborted) end()
      }),
  }
}
