import {setMaxListeners} from 'node:events'
import {Silent} from '../model/operator-error.js'

export type Patience = {
  /** Seconds for the whole question. */
  readonly limit: number
  /** A question that a daemon which works answers at once, however busy the machine is. */
  readonly ping: (signal: AbortSignal) => Promise<unknown>
  readonly silence: Silence
}

/** Milliseconds: after so long without an answer Docker is pinged, which may take so long. */
export type Silence = {readonly before: number; readonly ping: number}

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
