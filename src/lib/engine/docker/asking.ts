import type Docker from 'dockerode'
import {answered, DockerHangs, type Silence} from '../answered.js'
import {explainError} from '../explain.js'
import {abortable} from './abortable.js'
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

/** A look begins with one question and may need a second one: together they are told within 10 s. */
const FIRST: Silence = {before: 1_000, ping: 6_000}
const ONCE_HUNG: Silence = {before: 0, ping: 2_000}

export function asking(connect: () => Promise<Docker>): Asking {
  let silence = FIRST
  const inTime = async <T>(ask: (docker: Docker) => Promise<T>, signal: AbortSignal, limit: number): Promise<T> => {
    const docker = await connect()
    try {
      const ping = (either: AbortSignal): Promise<unknown> => abortable(docker, either).ping()
      const answer = await answered((either) => ask(abortable(docker, either)), {limit, ping, silence}, signal)
      silence = FIRST
      return answer
    } catch (error) {
      silence = error instanceof DockerHangs ? ONCE_HUNG : silence
      throw error
    }
  }
  const told: Asking['told'] = async (doing, ask, signal, limit) => {
    try {
      return await (signal !== undefined && limit !== undefined ? inTime(ask, signal, limit) : ask(await connect()))
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
