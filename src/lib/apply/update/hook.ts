import {spawn, type ChildProcess} from 'node:child_process'
import {OperatorError} from '../../model/operator-error.js'

/** Debian's, for root. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

type Hook = {
  readonly command: readonly string[]
  /** Seconds. */
  readonly limit: number
  /** All that it is given, beside a PATH. */
  readonly environment: Readonly<Record<string, string>>
}

/** Runs a command of the operator's, without a shell. @throws OperatorError if it fails, or takes longer than its limit. */
export function runHook({command, limit, environment}: Hook, signal: AbortSignal): Promise<void> {
  const [program = '', ...args] = command
  return new Promise((resolve, reject) => {
    const env = {PATH, ...environment}
    const child = spawn(program, args, {stdio: ['ignore', 'ignore', 'ignore'], env, detached: true})
    let late = false
    const timer = setTimeout(() => {
      late = true
      end(child)
    }, limit * 1000)
    const stop = (): void => end(child)
    signal.addEventListener('abort', stop, {once: true})
    const done = (why: string | undefined): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      if (why === undefined) resolve()
      else reject(failed(program, why))
    }
    child.once('error', (error) => done(error.message))
    child.once('close', (code, killed) =>
      done(
        code === 0 ? undefined : late ? `it was ended after ${limit} s` : code === null ? `it was ended by ${killed}` : `exit code ${code}`,
      ),
    )
  })
}

/** With all that it has started: it is the first of its process group. */
function end({pid}: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

const failed = (program: string, why: string): OperatorError =>
  new OperatorError(`The command ${program} failed: ${why}.`, {
    next: ['Try it by hand; it is `before` or `after` of the service, below updates.services in homelab.yml'],
  })
