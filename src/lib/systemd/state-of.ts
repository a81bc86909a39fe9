import {ROOT} from './settings.js'
import {userOf} from './user.js'

/** Where the watcher of an installed unit keeps its state, for people: of a user it is below their home folder. */
export function stateOf(unit: string | undefined): string {
  const [, chosen] = /^Environment="?HOMELAB_STATE=(.*?)"?$/m.exec(unit ?? '') ?? []
  if (chosen !== undefined) return chosen.replaceAll('%%', '%').replace(/\\(.)/g, '$1')
  const user = userOf(unit)
  return user === ROOT ? '/var/lib/homelab' : `~${user}/.local/state/homelab`
}
