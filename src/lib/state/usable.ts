import {configurationError, OperatorError} from '../model/operator-error.js'
import {refusal} from '../model/refusal.js'

/**
 * Runs `work` on a file of ours.
 * @param what The subject of a sentence, with the file's path: "The pins file <path>".
 * @throws OperatorError (78) that names the file, if it cannot be read or written; an OperatorError of `work` as it is.
 */
export async function usable<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OperatorError) throw error
    throw configurationError(`${what} cannot be used: ${refusal(error)}`, [
      'Run the command with sudo, or as the user that homelab watch runs as',
      'or see whether the disk is full: df -h',
    ])
  }
}
