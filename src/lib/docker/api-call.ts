import {setMaxListeners} from 'node:events'
import type Docker from 'dockerode'
import {Silent} from '../util/errors.js'
import {explainError, isUnchanged} from './errors.js'

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

export type Patience = {
  /** Seconds for the whole question. */
  readonly limit: number
  /** A question that a daemon which works answers at once, however busy the machine is. */
  readonly ping: (signal: AbortSignal) => Promise<unknown>
  readonly silence: Silence
}

/** Milliseconds: after so long without an answer Docker is pinged, which may take so long. */
type Silence = {readonly before: number; readonly ping: number}

/**
 * Puts an end to a question: a daemon that hangs accepts it and never answers. One that is slow and still answers a ping has
 * until the limit. What of the question is still open at its end is cut off.
 * @param ask Its signal fires at the end.
 * @throws OperatorError when there is no answer; the signal's reason when that fires.
 */
export async function answered<T>(ask: (signal: AbortSignal) => Promise<T>, patience: Patience, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const own = new AbortController()
  // Each request of a question listens to it; Node takes eleven for a leak.
  setMaxListeners(0, own.signal)
  const timers: NodeJS.Timeout[] = []
  let stop = (): void => undefined
  const ended = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error)
    signal.addEventListener('abort', stop, {once: true})
    timers.push(
      setTimeout(() => reject(late(patience.limit)), patience.limit * 1000),
      pinged(patience, own.signal, reject),
    )
  })
  try {
    return await Promise.race([ask(own.signal), ended])
  } finally {
    timers.forEach(clearTimeout)
    signal.removeEventListener('abort', stop)
    own.abort()
  }
}

/** What a ping says that is not a silence is told by the question itself. */
function pinged({ping, silence}: Patience, signal: AbortSignal, hangs: (error: Error) => void): NodeJS.Timeout {
  return setTimeout(() => {
    const timer = setTimeout(() => hangs(new DockerHangs((silence.before + silence.ping) / 1000)), silence.ping)
    const over = (): void => clearTimeout(timer)
    signal.addEventListener('abort', over, {once: true})
    ping(signal).then(over, over)
  }, silence.before)
}

const NEXT = ['See how it is: sudo systemctl status docker', 'If it hangs: sudo systemctl restart docker']

const late = (seconds: number): Silent => new Silent(`Docker has not answered for ${seconds} s.`, {next: NEXT})

/** Not even a ping was answered. */
export class DockerHangs extends Silent {
  constructor(seconds: number) {
    super(`Docker has not answered for ${seconds} s.`, {next: NEXT, passing: true})
  }
}

/**
 * The same connection, each of whose requests is cut off when the signal fires. dockerode takes a signal for most requests,
 * but not for inspecting an image or a network (5.0.1, lib/image.js, lib/network.js).
 */
export function abortable(docker: Docker, signal: AbortSignal): Docker {
  const modem = docker.modem as Modem
  const own: Modem = Object.create(modem) as Modem
  own.dial = (options, callback) => modem.dial({...options, abortSignal: signal}, callback)
  return Object.create(docker, {modem: {value: own}}) as Docker
}

type Modem = {dial(options: object, callback: (...answer: unknown[]) => void): void}
