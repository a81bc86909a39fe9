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
