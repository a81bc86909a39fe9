import {readFile} from 'node:fs/promises'
import {homedir} from 'node:os'
import path from 'node:path'
import type {Environment} from '../config/environment.js'

/** Which engine the operator means; the docker CLI's own order: --context, DOCKER_HOST, DOCKER_CONTEXT, its config file. */
export type Endpoint =
  | {readonly kind: 'socket'; readonly path: string}
  /** Anything else (ssh://, tcp://, TLS): through the docker CLI's own connection, `docker system dial-stdio`. */
  | {readonly kind: 'dial'; readonly name: string}

const DEFAULT_SOCKET = '/var/run/docker.sock'

/** `inspectContext` returns the host of a named context; it costs a run of the docker CLI, so it is asked only if needed. */
export async function findEndpoint(
  environment: Environment,
  context: string | undefined,
  inspectContext: (name: string) => Promise<string>,
): Promise<Endpoint> {
  if (context === undefined && environment.DOCKER_HOST) return fromHost(environment.DOCKER_HOST)
  const name = context ?? environment.DOCKER_CONTEXT ?? (await currentContext(environment))
  if (name === undefined || name === 'default') return fromHost(environment.DOCKER_HOST ?? `unix://${DEFAULT_SOCKET}`)
  return fromHost(await inspectContext(name))
}

function fromHost(host: string): Endpoint {
  return host.startsWith('unix://') ? {kind: 'socket', path: host.slice('unix://'.length)} : {kind: 'dial', name: host}
}

/** The folder of the docker CLI's configuration. */
export const dockerConfigDir = (environment: Environment): string =>
  environment.DOCKER_CONFIG ?? path.join(environment.HOME ?? homedir(), '.docker')

async function currentContext(environment: Environment): Promise<string | undefined> {
  try {
    const text = await readFile(path.join(dockerConfigDir(environment), 'config.json'), 'utf8')
    const config = JSON.parse(text) as {currentContext?: unknown}
    return typeof config.currentContext === 'string' ? config.currentContext : undefined
  } catch {
    return undefined // No file, or none that we can read: the CLI then uses its default, too.
  }
}
