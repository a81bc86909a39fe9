import {spawn} from 'node:child_process'
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
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'ignore'],
      env,
      signal,
      detached: true,
      timeout: limit * 1000,
      killSignal: 'SIGKILL',
    })
    child.once('error', (error) => reject(failed(program, error.message)))
    child.once('close', (code, killed) => {
      if (code === 0) resolve()
      else reject(failed(program, killed === null ? `exit code ${code}` : `it was ended after ${limit} s`))
    })
  })
}

const failed = (program: string, why: string): OperatorError =>
  new OperatorError(`The command ${program} failed: ${why}.`, {
    next: ['Try it by hand; it is configured in homelab.yml, "updates: services: … before/after"'],
  })
