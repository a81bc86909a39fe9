import {join} from 'node:path'
import {readEnvFile} from './config/env-file.js'
import type {Login} from './watch/updates/catch-up.js'

/** What's Up Docker's login, as `.env` has it now; undefined: none is set. @throws OperatorError if that cannot be read. */
export async function wudLogin(composeDir: string): Promise<Login | undefined> {
  const {variables} = await readEnvFile(join(composeDir, '.env'))
  const {WUD_USER: user, WUD_PASSWORD: password} = variables
  return password ? {user: user || 'homelab', password} : undefined
}
