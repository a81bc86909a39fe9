/**
 * Runs `work` with a signal that fires with `signal`, or after so many milliseconds. Not AbortSignal.any: on Node 20 every
 * call leaves something behind on `signal`, which may live for months.
 */
export async function limited<T>(signal: AbortSignal, milliseconds: number, work: (either: AbortSignal) => Promise<T>): Promise<T> {
  const either = new AbortController()
  const stop = (): void => either.abort()
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, {once: true})
  const timer = setTimeout(stop, milliseconds)
  try {
    return await work(either.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

/** What `work` brings; what `late` says if that takes more milliseconds. The work itself goes on: whoever began it ends it. */
export async function within<T>(milliseconds: number, work: Promise<T>, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<T>((resolve) => (timer = setTimeout(() => resolve(late()), milliseconds)))
  // Nobody may be there any more to be told.
  work.catch(() => undefined)
  try {
    return await Promise.race([work, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
