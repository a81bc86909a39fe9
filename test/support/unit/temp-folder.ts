import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {onTestFinished} from 'vitest'

/** A folder for one test, removed after it, also when it fails. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'homelab-test-'))
  onTestFinished(() => rm(folder, {recursive: true, force: true}))
  return folder
}
