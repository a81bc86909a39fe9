import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import type {Readable} from 'node:stream'
import {setTimeout as sleep} from 'node:timers/promises'
import {OperatorError} from '../util/errors.js'

/** Debian's, for root. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

type Hook = {
  readonly command: readonly string[]
  /** Seconds. */
  readonly limit: number
  /** All that it is given, beside a PATH. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Runs a command of the operator's, without a shell.
 * @returns what it printed, for people; undefined: nothing.
 * @throws OperatorError, with what it printed, if it fails or takes longer than its limit.
 */
export async function runHook({command, limit, environment}: Hook, signal: AbortSignal): Promise<string | undefined> {
  const [program = '', ...args] = command
  const child = spawn(program, args, {stdio: ['ignore', 'pipe', 'pipe'], env: {PATH, ...environment}, detached: true})
  const said = lastWords()
  for (const stream of [child.stdout, child.stderr]) stream.on('data', said.hear)
  const why = await ended(child, limit, signal)
  await drained(child)
  const words = said.text()
  if (why === undefined) return words === '' ? undefined : `it said: ${words}`
  throw failed(program, why, words)
}

/** @returns why it failed; undefined: it did not. */
function ended(child: ChildProcess, limit: number, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
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
      resolve(why)
    }
    child.once('error', (error) => done(error.message))
    child.once('exit', (code, killed) =>
      done(
        code === 0 ? undefined : late ? `it was ended after ${limit} s` : code === null ? `it was ended by ${killed}` : `exit code ${code}`,
      ),
    )
  })
}

/** Until the last of its output has come, milliseconds. */
const DRAIN_MS = 500

/** What it has started may live on and hold its output open: nobody waits for that, and nobody takes it away from under it. */
async function drained({stdout, stderr, pid}: ChildProcess & {readonly stdout: Readable; readonly stderr: Readable}): Promise<void> {
  if (pid === undefined) return
  const closed = Promise.all([stdout, stderr].map(untilClosed))
  const over = new AbortController()
  await Promise.race([closed, sleep(DRAIN_MS, undefined, {signal: over.signal}).catch(() => undefined)])
  over.abort()
  for (const stream of [stdout, stderr]) (stream as Readable & {unref?(): void}).unref?.()
}

const untilClosed = (stream: Readable): Promise<unknown> => (stream.closed ? Promise.resolve() : once(stream, 'close'))

/** With all that it has started: it is the first of its process group. */
function end({pid}: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

const failed = (program: string, why: string, words: string): OperatorError =>
  new OperatorError(`The command ${program} failed: ${why}.${words === '' ? '' : ` It said: ${words}`}`, {
    next: ['Try it by hand; it is `before` or `after` of the service, below updates.services in homelab.yml'],
  })

/** Lines and characters that are kept: a journal is no place for the log of a backup. */
const LINES = 20
const MOST = 1_000

/** What a program printed, in one line for a journal and a message: the last of it, without control characters. */
export function lastWords(): {readonly hear: (chunk: Buffer | string) => void; readonly text: () => string} {
  let kept = Buffer.alloc(0)
  let cut = false
  return {
    hear: (chunk) => {
      const all = Buffer.concat([kept, Buffer.from(chunk)])
      // A character of UTF-8 has at most four bytes.
      cut ||= all.length > MOST * 4
      kept = all.subarray(-MOST * 4)
    },
    text: () => {
      const lines = kept
        .toString()
        .split(/[\r\n]+/)
        .map((line) => line.replace(/\p{Cc}+/gu, ' ').trim())
        .filter((line) => line !== '')
      const whole = lines.slice(-LINES).join(' | ')
      const isCut = cut || lines.length > LINES || whole.length > MOST
      return isCut ? `… ${whole.slice(-MOST)}` : whole
    },
  }
}
