import {setTimeout as sleep} from 'node:timers/promises'
import type {Engine, PullProgress} from '../engine/engine.js'
import {OperatorError} from '../model/operator-error.js'

/** How often a pull is tried, and how long before the second attempt, milliseconds; each wait is twice the last. */
export type Patience = {readonly attempts: number; readonly backoffMs: number}

/** A registry that accepts a connection and then says nothing holds a pull for ever, milliseconds. */
const STALLED_MS = 120_000

/** Pulls an image; what may pass by itself is tried again. Layers that are here already are not fetched again. */
export async function pullPatiently(
  engine: Engine,
  image: string,
  patience: Patience,
  onProgress: (progress: PullProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      return await pullOnce(engine, image, onProgress, signal)
    } catch (error) {
      if (signal.aborted || tried >= patience.attempts || !(error instanceof OperatorError) || !error.passing) throw error
    }
    await sleep(patience.backoffMs * 2 ** (tried - 1), undefined, {signal})
  }
}

async function pullOnce(engine: Engine, image: string, onProgress: (progress: PullProgress) => void, signal: AbortSignal): Promise<void> {
  const ours = new AbortController()
  const stop = (): void => ours.abort(signal.reason)
  signal.addEventListener('abort', stop, {once: true})
  const stalled = (): void =>
    ours.abort(new OperatorError(`Pulling ${image} has stalled: nothing came for ${STALLED_MS / 1000} s.`, {passing: true}))
  let timer = setTimeout(stalled, STALLED_MS)
  try {
    await engine.pull(
      image,
      (progress) => {
        clearTimeout(timer)
        timer = setTimeout(stalled, STALLED_MS)
        onProgress(progress)
      },
      ours.signal,
    )
  } catch (error) {
    throw ours.signal.aborted && !signal.aborted ? ours.signal.reason : error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}
