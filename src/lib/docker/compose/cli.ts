import {constants} from 'node:fs'
import {access} from 'node:fs/promises'
import path from 'node:path'
import {execa, type Options} from 'execa'
import type {StackFiles} from '../../model/stack.js'
import {configurationError, OperatorError} from '../../util/errors.js'
import type {LogOptions, LogLine} from '../engine.js'
import {explain, type Otherwise} from '../errors.js'
import type {Conceal} from '../redact.js'

/** The argument lists of every run of Compose, as pure functions. Nothing here goes through a shell. */

/** With its project, where the files do not name it or it is known by now. */
type Named = StackFiles & {readonly project?: string | undefined}

const ALL_PROFILES = ['--profile', '*']

/** Where the files are. Relative paths in them are meant from the Compose folder, and `.env` is read there. */
function base(stack: Named, composeDir: string): string[] {
  const project = stack.project === undefined ? [] : ['--project-name', stack.project]
  return ['--project-directory', composeDir, ...project, ...stack.files.flatMap((file) => ['--file', file]), ...ALL_PROFILES]
}

export const config = (stack: Named, composeDir: string): string[] => [...base(stack, composeDir), 'config', '--format', 'json']

/** The names alone. */
export const services = (stack: Named, composeDir: string): string[] => [...base(stack, composeDir), 'config', '--services']

/** Hashes a resolved model that is given on stdin. */
export const hashes = (composeDir: string): string[] => ['--project-directory', composeDir, '--file', '-', ...ALL_PROFILES, 'config', '--hash', '*']

/**
 * The plan pulls what has to be pulled. Without this, `pull_policy: always` pulls at each creation: a way back would bring
 * the bad image again, and a cascade one that was never tried. What is built and missing is built all the same (measured,
 * Compose 2.26).
 */
const NO_PULL = ['--pull', 'never'] as const

/** `--no-deps`: the plan has the dependencies in its own order. What is named is what is touched. */
export function up(stack: Named, composeDir: string, services: readonly string[], force: boolean): string[] {
  const recreate = force ? ['--force-recreate'] : ['--no-recreate']
  return [...base(stack, composeDir), '--progress', 'plain', 'up', '--detach', '--no-deps', ...NO_PULL, ...recreate, ...services]
}

/** New containers, not started: when they may start is decided by the state of their gateway, not by Compose. */
export const replace = (stack: Named, composeDir: string, services: readonly string[]): string[] => [
  ...base(stack, composeDir),
  '--progress',
  'plain',
  'up',
  '--no-start',
  '--no-deps',
  ...NO_PULL,
  '--force-recreate',
  ...services,
]

export function logs(stack: Named, composeDir: string, services: readonly string[], options: LogOptions): string[] {
  return [
    ...base(stack, composeDir),
    'logs',
    ...(options.colour ? [] : ['--no-color']),
    ...(options.follow ? ['--follow'] : []),
    ...(options.lines === undefined ? [] : ['--tail', String(options.lines)]),
    ...services,
  ]
}

/** With Docker's time stamps, without colours: for machines. */
export function stampedLogs(stack: Named, composeDir: string, services: readonly string[], options: LogOptions): string[] {
  const args = logs(stack, composeDir, [], {...options, colour: false})
  return [...args, '--timestamps', ...services]
}

/** A program of Docker's, and how it is called. */
export type Program = {
  readonly file: string
  /** Before our own arguments: `compose`, `--context …`. */
  readonly prefix: readonly string[]
  readonly env: Record<string, string>
  /** For what it says. */
  readonly conceal: Conceal
}

/** Where the docker CLI looks for its plugins, in its order; https://github.com/docker/cli cli-plugins/manager. */
const PLUGIN_FOLDERS = ['/usr/local/lib/docker/cli-plugins', '/usr/local/libexec/docker/cli-plugins', '/usr/lib/docker/cli-plugins', '/usr/libexec/docker/cli-plugins']

/**
 * The Compose plugin itself, which is a program of its own: `docker compose` runs it twice, to be introduced and to work,
 * and so takes 45 ms longer each time (measured). Where we do not find it, `docker compose` finds it, or says why not.
 * @param context Named by --context; a plugin called by itself takes it from the environment.
 */
export async function findCompose(docker: Program, configFolder: string, context: string | undefined): Promise<Program> {
  for (const folder of [path.join(configFolder, 'cli-plugins'), ...PLUGIN_FOLDERS]) {
    const file = path.join(folder, 'docker-compose')
    if (await isProgram(file)) return {file, prefix: [], conceal: docker.conceal, env: {...docker.env, ...(context !== undefined && {DOCKER_CONTEXT: context})}}
  }
  return {...docker, prefix: [...docker.prefix, 'compose']}
}

const isProgram = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  )

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

/** As if Compose had been typed. @returns its exit code. */
export async function streamLogs(compose: Program, args: readonly string[], plain: boolean, cancelSignal: AbortSignal): Promise<number> {
  const options = {...spawnOptions(compose), reject: false, buffer: false, cancelSignal} as const
  const child = execa(compose.file, [...compose.prefix, ...args], {...options, stdio: ['ignore', plain ? 'pipe' : 'inherit', 'inherit']})
  if (plain) for await (const line of child) process.stdout.write(`${withoutErase(String(line))}\n`)
  const result = await child
  return cancelSignal.aborted ? 0 : (result.exitCode ?? 1)
}

export async function* readLogLines(compose: Program, args: readonly string[], cancelSignal: AbortSignal): AsyncGenerator<LogLine> {
  const child = execa(compose.file, [...compose.prefix, ...args], {...spawnOptions(compose), stdin: 'ignore', reject: false, buffer: false, cancelSignal})
  for await (const line of child) yield toLine(String(line))
  await child
}

/** "sonarr-1  | 2026-11-22T20:02:04.072123456Z the text" */
export function toLine(line: string): LogLine {
  const match = /^(.+)-\d+ +\| (\S+) ?(.*)$/.exec(withoutErase(line))
  return {service: match?.[1] ?? '', time: match?.[2] ?? '', text: match?.[3] ?? line}
}

/** Compose 2.26 begins lines with "erase the line" even when no terminal reads them (measured). */
const withoutErase = (line: string): string => line.replace(/^(\u001B\[2K|\r)+/, '')
