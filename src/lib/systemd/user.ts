import {usageError} from '../model/operator-error.js'
import type {Program} from './program.js'
import {ROOT} from './settings.js'

const NAME = /^[a-zA-Z_][\w.-]*$/

/** Whom an installed unit runs as. */
export const userOf = (unit: string | undefined): string => /^User=(.+)$/m.exec(unit ?? '')?.[1] ?? ROOT

/** @throws OperatorError (2) for what can be no user's name. */
export function requireName(name: string): void {
  if (!NAME.test(name)) throw usageError(`"${name}" cannot be the name of a user.`)
}

/** systemd would only say 217/USER or 216/GROUP. @throws OperatorError (2) if the user or the group docker does not exist. */
export async function requireUser(run: Program, user: string): Promise<void> {
  if (user === ROOT) return
  const exists = async (database: string, key: string): Promise<boolean> => (await run('getent', [database, key], 10)).code === 0
  if (!(await exists('passwd', user))) throw usageError(`There is no user "${user}" on this machine.`, ['Whom there is: getent passwd'])
  if (await exists('group', 'docker')) return
  throw usageError('There is no group "docker", through which a user other than root may speak to Docker.', [
    'Leave out --user, or make the group: sudo groupadd --system docker && sudo systemctl restart docker.socket docker',
  ])
}
