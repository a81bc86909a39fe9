import {constants} from 'node:fs'
import {access} from 'node:fs/promises'
import {refusal} from '../util/errors.js'

/** @throws Error that says why this process may not write what is in `folder`. */
export async function requireWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.R_OK | constants.W_OK)
  } catch (error) {
    throw new Error(whyNot(folder, error), {cause: error})
  }
}

/** Under our unit a folder is read-only that was not there, or not in the Compose files, when the watcher began. Pure. */
export function whyNot(folder: string, error: unknown): string {
  const why = refusal(error)
  if ((error as NodeJS.ErrnoException).code !== 'EROFS') return why
  return `${folder} is read-only. If the watcher's unit says so: sudo homelab systemd install && sudo systemctl restart homelab-watch`
}
