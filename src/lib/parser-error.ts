import * as Errors from '@oclif/core/errors'
import {OperatorError, usageError} from './model/operator-error.js'
import {nearest} from './model/nearest.js'

/** What oclif's parser says of wrong flags and values, as ours; undefined for anything else. */
export function parserError(error: unknown, flags: readonly string[] = []): OperatorError | undefined {
  if (error instanceof OperatorError || !(error instanceof Errors.CLIError)) return undefined
  const [first = 'The command line is wrong.', ...more] = error.message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const flag = /^Parsing (-\S+)$/.exec(first)?.[1]
  if (flag !== undefined) return usageError(`${flag}: ${more[0] ?? 'this value cannot be read'}`, more.slice(1))
  return usageError(first, [...meant(error, flags), ...more])
}

/** The flags that mistyped ones were probably meant to be. */
function meant(error: Error, known: readonly string[]): string[] {
  const unknown = 'flags' in error && Array.isArray(error.flags) ? (error.flags as string[]) : []
  return unknown.flatMap((flag) =>
    nearest(flag.replace(/^-+/, ''), known)
      .slice(0, 1)
      .map((name) => `${flag}: did you mean --${name}?`),
  )
}
