import {setTimeout as sleep} from 'node:timers/promises'

type Source<T> = {
  /** What it is now. */
  readonly read: () => Promise<T>
  readonly same: (before: T, now: T) => boolean
  /** Milliseconds between two looks. */
  readonly every: number
}

/** Does `work` for what is read, and from the beginning when it is another; ends with `signal`. @throws what `work` throws, and the first `read`. */
export async function whileSame<T>(
  {read, same, every}: Source<T>,
  work: (value: T, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const value = await read()
    const own = new AbortController()
    const stop = (): void => own.abort()
    signal.addEventListener('abort', stop, {once: true})
    try {
      await Promise.all([work(value, own.signal).finally(stop), changes({read, same, every}, value, own.signal).finally(stop)])
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
}

async function changes<T>({read, same, every}: Source<T>, value: T, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(every, undefined, {signal}).catch(() => undefined)
    if (!same(value, await read().catch(() => value))) return
  }
}
