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
