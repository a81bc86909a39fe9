import {spawn} from 'node:child_process'
import type {Environment} from '../config/environment.js'
import {OperatorError} from '../model/operator-error.js'

type Ended = {readonly code: number; readonly stdout: string; readonly stderr: string}

/** Runs a program of the system. @throws OperatorError (1) if it is missing, or is not done after `seconds`. */
export type Program = (name: string, args: readonly string[], seconds: number) => Promise<Ended>

export const programs =
  (environment: Environment, signal: AbortSignal): Program =>
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
