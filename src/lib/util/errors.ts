/** The exit codes of every command; docs: README, "Exit codes". */
export const exitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  rolledBack: 3,
  busy: 75,
  configuration: 78,
  cancelled: 130,
} as const

type ErrorOptions = {
  /** What the operator can do about it, a line each; commands as they would be typed. */
  next?: readonly string[]
  exitCode?: number
  /** The words of the program that failed, shown under --verbose only. */
  detail?: string
  /** It may pass by itself: the same again, a little later, may succeed. */
  passing?: boolean
  cause?: unknown
}

/** A failure that we expect and can explain. Anything else that is thrown is a bug, and shows its stack. */
export class OperatorError extends Error {
  readonly next: readonly string[]
  readonly exitCode: number
  readonly detail: string | undefined
  readonly passing: boolean
  /** oclif reads the exit code from here in human mode, and from `exitCode` in JSON mode. */
  readonly oclif: {exit: number}

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, {cause: options.cause})
    this.name = 'OperatorError'
    this.next = options.next ?? []
    this.exitCode = options.exitCode ?? exitCode.failed
    this.detail = options.detail
    this.passing = options.passing ?? false
    this.oclif = {exit: this.exitCode}
  }
}

/** What was asked has not answered in time; it may be slow. */
export class Silent extends OperatorError {}

export const usageError = (message: string, next: readonly string[] = []): OperatorError =>
  new OperatorError(message, {next, exitCode: exitCode.usage})

export const configurationError = (message: string, next: readonly string[] = [], detail?: string): OperatorError =>
  new OperatorError(message, {next, exitCode: exitCode.configuration, ...(detail === undefined ? {} : {detail})})

/** What a step was planned for is no more: its gateway is not ready, or in another start. Nothing failed; a new look is due. */
export class Overtaken extends OperatorError {}

/** A mistake in our own code. Nobody else can mend it, and its stack says where it is. */
export const isMistake = (error: unknown): boolean =>
  !(error instanceof Error) || error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError

/**
 * Why something was refused, in the words of who refused it: the system, a program.
 * @throws what was thrown, if it is a mistake of our own: it must not be told as the operator's.
 */
export function refusal(error: unknown): string {
  if (isMistake(error)) throw error
  return (error as Error).message
}

/**
 * No more files, sockets or pipes can be opened, by this process or on this machine: nothing is wrong with the program. Where the
 * pipes of a child could not be made, execa sees a child without them: https://github.com/nodejs/node/blob/v20.x/lib/internal/child_process.js
 * (`UV_EMFILE`).
 */
export function outOfFiles(error: unknown): OperatorError | undefined {
  if (!(error instanceof Error)) return undefined
  const {code} = error as NodeJS.ErrnoException
  const pipes = error instanceof TypeError && /\bstdio is not iterable$/.test(error.message)
  if (code !== 'EMFILE' && code !== 'ENFILE' && !pipes) return error.cause === undefined ? undefined : outOfFiles(error.cause)
  return new OperatorError('No more files can be opened (EMFILE): the limit of this session, or of this machine, is reached.', {
    next: ['ulimit -n', 'cat /proc/sys/fs/file-nr'],
    passing: true,
    cause: error,
  })
}
