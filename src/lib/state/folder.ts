import path from 'node:path'
import type {Environment} from '../config/environment.js'

/** Where homelab keeps what must outlive a command. @param uid Of this process; 0 is root. */
export function stateFolder(environment: Environment, uid: number): string {
  if (environment.HOMELAB_STATE) return path.resolve(environment.HOMELAB_STATE)
  if (uid === 0) return '/var/lib/homelab'
  return path.join(environment.XDG_STATE_HOME ?? path.join(environment.HOME ?? '/', '.local', 'state'), 'homelab')
}
