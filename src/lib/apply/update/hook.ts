import {spawn} from 'node:child_process'
import {OperatorError} from '../../model/operator-error.js'

type Hook = {
  readonly command: readonly string[]
  /** Seconds. */
  readonly limit: number
  /** Given to it beside PATH and HOME. */
  readonly environment: Readonly<Record<string, string>>
}

/** Runs a command of the operator's, without a shell. @throws OperatorError if it fails, or takes longer than its limit. */
export function runHook({command, limit, environment}: Hook, signal: AbortSignal): Promise<void> {
  const [program = '', ...args] = command
  return new Promise((resolve, reject) => {
    const {PATH, HOME} = process.env
    const env = {PATH, HOME, ...environment}
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
