import {mkdir, open, rename, rm} from 'node:fs/promises'
import {OperatorError} from '../model/operator-error.js'
import type {Program} from './program.js'
import {stepText, type Step} from './steps.js'
import {systemctl} from './systemctl.js'

/** Does the steps, and ends at the first that fails. @throws OperatorError (1); EACCES is told with `asRoot`, a command. */
export async function carryOut(steps: readonly Step[], run: Program, asRoot: string): Promise<void> {
  for (const step of steps)
    try {
      await carryOutOne(step, run)
    } catch (error) {
      throw explained(error, step, asRoot)
    }
}

async function carryOutOne(step: Step, run: Program): Promise<void> {
  if (step.do === 'write') await writeWhole(step.file, step.text)
  else if (step.do === 'remove') await rm(step.file)
  else if (step.do === 'make folder') await mkdir(step.folder, {recursive: true, mode: 0o755})
  else if (step.mayFail) await run('systemctl', step.args, TIDY_S)
  else await systemctl(run, step.args)
}

const TIDY_S = 10

/** systemd reads the old text or the new one, never a part: also after a power cut. */
async function writeWhole(file: string, text: string): Promise<void> {
  const next = `${file}.new`
  try {
    const handle = await open(next, 'w', 0o644)
    try {
      await handle.writeFile(text)
      await handle.chmod(0o644) // Whatever the umask.
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(next, file)
  } catch (error) {
    await rm(next, {force: true}).catch(() => undefined)
    throw error
  }
}

function explained(error: unknown, step: Step, asRoot: string): unknown {
  const {code, syscall, message} = error as NodeJS.ErrnoException
  if (syscall === undefined) return error
  const next = code === 'EACCES' || code === 'EPERM' ? [asRoot] : []
  return new OperatorError(`Could not ${stepText(step)}: ${message}`, {next})
}
