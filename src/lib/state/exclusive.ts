import {exitCode, OperatorError} from '../model/operator-error.js'
import {withLock} from './lock.js'

type Options = {
  /** What the holder does, for who has to wait: "homelab keeps an image out". */
  readonly doing: string
  /** What is locked, as the subject of a sentence: "The list of rejected images". */
  readonly what: string
  /** Seconds to wait for another holder, who takes milliseconds. */
  readonly wait: number
  readonly now: () => Date
}

/**
 * Runs `work` while no other process, and nothing else in this one, holds the lock `file`.
 * @throws OperatorError (75) if the wait runs out, (78) if the lock cannot be opened; whatever `work` throws.
 */
export async function exclusively<T>(file: string, {doing, what, wait, now}: Options, work: () => Promise<T>): Promise<T> {
  const progress = {begun: false}
  const options = {doing, wait, signal: new AbortController().signal, onWait() {}, now}
  try {
    return await withLock(file, options, () => {
      progress.begun = true
      return work()
    })
  } catch (error) {
    if (progress.begun || !(error instanceof OperatorError) || error.exitCode !== exitCode.busy) throw error
    throw new OperatorError(`${what} is in use: ${file} has been held for more than ${wait} seconds.`, {
      exitCode: exitCode.busy,
      next: [`See who holds it: cat ${file}`],
      cause: error,
    })
  }
}
