import path from 'node:path'
import type {Environment} from './environment.js'

/** Where a homelab lives: its configuration file and, unless that says otherwise, its Compose folder beside it. */
export type Home = {
  readonly folder: string
  readonly configFile: string
}

/**
 * --home, then HOMELAB_HOME, then the checkout that the program was installed from. Never the current folder: the same
 * words must mean the same homelab over SSH, in cron and under systemd.
 */
export function findHome(flag: string | undefined, environment: Environment, installed: string): Home {
  const folder = path.resolve(flag ?? environment.HOMELAB_HOME ?? installed)
  return {folder, configFile: environment.HOMELAB_CONFIG ?? path.join(folder, 'homelab.yml')}
}
