import {execFile} from 'node:child_process'
import {chmod, chown, mkdir} from 'node:fs/promises'
import {promisify} from 'node:util'
import {OperatorError} from '../model/operator-error.js'
import {refusal} from '../model/refusal.js'
import {remedyText, type Remedy} from './diagnosis.js'

/** @throws OperatorError with the command that a person types instead. */
export async function applyRemedy(remedy: Remedy): Promise<void> {
  try {
    if (remedy.is === 'mode') await chmod(remedy.path, remedy.mode)
    else if (remedy.is === 'module') await promisify(execFile)('modprobe', [remedy.name])
    else {
      await mkdir(remedy.path, {recursive: true})
      await chown(remedy.path, remedy.uid, remedy.gid)
    }
  } catch (error) {
    throw new OperatorError(`Could not be mended: ${refusal(error).split('\n')[0]}.`, {next: [remedyText(remedy)]})
  }
}
