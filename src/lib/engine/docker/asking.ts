import type Docker from 'dockerode'
import {answered} from '../answered.js'
import {explainError} from '../explain.js'
import {isUnchanged} from './errors.js'

/** Questions and changes put to the Engine API, whose errors are told as ours. */
export type Asking = {
  /**
   * What a cancelled question throws stays as it is: it is no failure of Docker.
   * @param limit Seconds; without it what is asked may take its time.
   */
  told<T>(doing: string, ask: (docker: Docker) => Promise<T>, signal?: AbortSignal, limit?: number): Promise<T>
  /** A change that is already true is no failure. */
  change(doing: string, act: (docker: Docker) => Promise<unknown>, alsoFine?: (error: unknown) => boolean): Promise<void>
}

export function asking(connect: () => Promise<Docker>): Asking {
  const told: Asking['told'] = async (doing, ask, signal, limit) => {
    try {
      const question = ask(await connect())
      return await (signal !== undefined && limit !== undefined ? answered(question, limit, signal) : question)
    } catch (error) {
      if (signal?.aborted) throw error
      throw explainError(doing, error)
    }
  }
  return {
    told,
    change: (doing, act, alsoFine = () => false) =>
      told(doing, async (docker) => {
        try {
          await act(docker)
        } catch (error) {
          if (!isUnchanged(error) && !alsoFine(error)) throw error
        }
      }),
  }
}
