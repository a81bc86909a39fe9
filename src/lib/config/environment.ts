import path from 'node:path'

/** Our process's environment, handed down from the composition root; nothing below reads `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * What docker and its helpers may see. Everything else is left out so that a stack means the same over SSH, in cron and
 * under systemd: Compose lets a variable of the shell win over `.env`, and a stray COMPOSE_PROJECT_NAME or TZ of a login
 * shell would recreate containers. docs/decisions/0003.
 */
const PASSED = [
  /^(PATH|HOME|USER|LOGNAME|LANG|TMPDIR|SSH_AUTH_SOCK)$/,
  /^XDG_(RUNTIME_DIR|CONFIG_HOME)$/,
  /^DOCKER_/,
  /^(https?|no|all)_proxy$/i,
  /^SSL_CERT_/,
]

export function dockerEnvironment(environment: Environment): Record<string, string> {
  const passed = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && PASSED.some((pattern) => pattern.test(entry[0])),
  )
  return Object.fromEntries(passed)
}

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

/** Where homelab keeps what must outlive a command. @param uid Of this process; 0 is root. */
export function stateFolder(environment: Environment, uid: number): string {
  if (environment.HOMELAB_STATE) return path.resolve(environment.HOMELAB_STATE)
  if (uid === 0) return '/var/lib/homelab'
  return path.join(environment.XDG_STATE_HOME ?? path.join(environment.HOME ?? '/', '.local', 'state'), 'homelab')
}
