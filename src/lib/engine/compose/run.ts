import {execa, type Options} from 'execa'
import {configurationError, OperatorError} from '../../model/operator-error.js'
import {explain, type Otherwise} from '../explain.js'
import type {Program} from './program.js'

type RunOptions = {
  readonly input?: string
  /** Fired: the program is asked to end (SIGTERM). Without one it runs to its end. */
  readonly signal?: AbortSignal
  /** What a failure is that nobody has an explanation for. */
  readonly otherwise?: Otherwise
}

const KILL_AFTER_MS = 10_000

/** Of its own process group, so that a Ctrl-C on the terminal reaches us and not it: we decide what is left to finish. */
export const spawnOptions = (program: Program): Options => ({env: program.env, extendEnv: false, detached: true, cleanup: true, forceKillAfterDelay: KILL_AFTER_MS})

/**
 * @returns its stdout.
 * @throws OperatorError with the failure in the operator's words.
 */
export async function runProgram(program: Program, doing: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const {input, signal, otherwise} = options
  const result = await execa(program.file, [...program.prefix, ...args], {
    ...CAPTURED,
    ...spawnOptions(program),
    ...(input === undefined ? {stdin: 'ignore'} : {input}),
    ...(signal && {cancelSignal: signal}),
  })
  signal?.throwIfAborted()
  if (result.failed) throw whyFailed(doing, result, program, otherwise)
  refuseBlankVariables(textOf(result.stderr))
  return textOf(result.stdout)
}

const CAPTURED = {reject: false, encoding: 'utf8'} as const

/** execa's type allows what other options than ours would give. */
const textOf = (output: unknown): string => (typeof output === 'string' ? output : '')

type Failure = {readonly code?: string; readonly exitCode?: number; readonly stderr?: unknown; readonly stdout?: unknown; readonly shortMessage?: string}

function whyFailed(doing: string, {code, exitCode, stderr, stdout, shortMessage}: Failure, {conceal}: Program, otherwise?: Otherwise): OperatorError {
  if (code === 'ENOENT') return noDockerCli(shortMessage ?? '')
  // Without an exit code it did not run to an end of its own.
  return explain(doing, conceal(textOf(stderr) || textOf(stdout) || (shortMessage ?? '')), exitCode === undefined ? undefined : otherwise)
}

const noDockerCli = (detail: string): OperatorError =>
  new OperatorError('There is no docker command on this machine.', {next: ['Install it: https://docs.docker.com/engine/install/'], detail})

/** Compose only warns, and goes on with an empty value: a wrong path or an empty password in a running service. */
function refuseBlankVariables(stderr: string): void {
  const names = [...stderr.matchAll(/The \\?"(\w+)\\?" variable is not set/g)].map((match) => match[1])
  if (names.length === 0) return
  const unique = [...new Set(names)]
  throw configurationError(`The Compose files use ${unique.join(', ')}, which ${unique.length === 1 ? 'is' : 'are'} not set.`, [
    ...unique.map((name) => `Set it in compose/.env: ${name}=…`),
    'or write ${NAME:-} in the Compose file, if it may be empty',
    'If it is a part of a value with a $ in it: put that value into single quotes, in .env or an env_file',
  ])
}
