import {OperatorError} from './model/operator-error.js'

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
