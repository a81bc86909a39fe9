import {spawn} from 'node:child_process'
import {text} from 'node:stream/consumers'
import {OperatorError} from './errors.js'

type Ended = {readonly code: number; readonly stdout: string; readonly stderr: string}

/** Runs a program of the system. @throws OperatorError (1) if it is missing, or is not done after `seconds`. */
export type Program = (name: string, args: readonly string[], seconds: number) => Promise<Ended>

export const programs =
  (environment: Readonly<NodeJS.ProcessEnv>, signal: AbortSignal): Program =>
  (name, args, seconds) =>
    new Promise((resolve, reject) => {
      const timeout = AbortSignal.timeout(seconds * 1000)
      const child = spawn(name, args, {
        // What is parsed is to come in one language and one time zone.
        env: {...environment, LC_ALL: 'C', TZ: 'UTC'},
        stdio: ['ignore', 'pipe', 'pipe'],
        signal: AbortSignal.any([signal, timeout]),
        killSignal: 'SIGKILL',
      })
      const said = {stdout: '', stderr: ''}
      for (const stream of ['stdout', 'stderr'] as const)
        child[stream].setEncoding('utf8').on('data', (text: string) => (said[stream] += text))
      child.once('error', (error: NodeJS.ErrnoException) => {
        const missing = error.code === 'ENOENT'
        if (!missing && !timeout.aborted) return reject(error)
        reject(new OperatorError(`${[name, ...args].join(' ')}: ${missing ? 'there is no such program' : `not done after ${seconds} s`}.`))
      })
      child.once('close', (code) => resolve({code: code ?? 1, ...said}))
    })

/** What a program printed; nothing if it failed. `late`: it was not at its end in time. */
type Printed = {readonly is: 'late' | 'done'; readonly said: string}

/**
 * Runs a program that looks at a file, for a process of its own: a disk that hangs holds a thread of ours for ever, and with it
 * our end.
 * @param limit Milliseconds.
 */
export function printed([file = '', ...args]: readonly string[], limit: number): Promise<Printed> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {stdio: ['ignore', 'pipe', 'ignore']})
    // What it says is cut off when it is left behind.
    const said = text(child.stdout).catch(() => '')
    const timer = setTimeout(() => {
      // One that hangs in the kernel cannot be killed: it is left behind, and does not keep us.
      child.kill('SIGKILL')
      child.stdout.destroy()
      child.unref()
      resolve({is: 'late', said: ''})
    }, limit)
    child.once('error', () => resolve({is: 'done', said: ''}))
    child.once('close', (code) => {
      clearTimeout(timer)
      void said.then((whole) => resolve({is: 'done', said: code === 0 ? whole.trim() : ''}))
    })
  })
}
