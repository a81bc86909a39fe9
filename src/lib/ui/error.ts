import type {ChalkInstance} from 'chalk'
import {OperatorError} from '../util/errors.js'

/** An expected failure with its next steps; under --verbose with the words of the program that failed. */
export function errorText(error: OperatorError, verbose: boolean, colours: ChalkInstance): string[] {
  const detail =
    verbose && error.detail
      ? [
          '',
          ...error.detail
            .trim()
            .split('\n')
            .map((line) => colours.dim(`  ${line}`)),
        ]
      : []
  return [`${colours.red('✗')} ${error.message}`, ...error.next.map((line) => `  ${line}`), ...detail]
}

/** For --json: never the detail, which is other programs' text and may hold anything. */
export const errorJson = (error: unknown): {error: {message: string; next: readonly string[]; exitCode: number}} =>
  error instanceof OperatorError
    ? {error: {message: error.message, next: error.next, exitCode: error.exitCode}}
    : {error: {message: error instanceof Error ? error.message : String(error), next: [], exitCode: 1}}
