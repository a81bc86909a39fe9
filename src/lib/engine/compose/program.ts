import type {Conceal} from '../conceal.js'
import {constants} from 'node:fs'
import {access} from 'node:fs/promises'
import path from 'node:path'

/** A program of Docker's, and how it is called. */
export type Program = {
  readonly file: string
  /** Before our own arguments: `compose`, `--context …`. */
  readonly prefix: readonly string[]
  readonly env: Record<string, string>
  /** For what it says. */
  readonly conceal: Conceal
}

/** Where the docker CLI looks for its plugins, in its order; https://github.com/docker/cli cli-plugins/manager. */
const PLUGIN_FOLDERS = ['/usr/local/lib/docker/cli-plugins', '/usr/local/libexec/docker/cli-plugins', '/usr/lib/docker/cli-plugins', '/usr/libexec/docker/cli-plugins']

/**
 * The Compose plugin itself, which is a program of its own: `docker compose` runs it twice, to be introduced and to work,
 * and so takes 45 ms longer each time (measured). Where we do not find it, `docker compose` finds it, or says why not.
 * @param context Named by --context; a plugin called by itself takes it from the environment.
 */
export async function findCompose(docker: Program, configFolder: string, context: string | undefined): Promise<Program> {
  for (const folder of [path.join(configFolder, 'cli-plugins'), ...PLUGIN_FOLDERS]) {
    const file = path.join(folder, 'docker-compose')
    if (await isProgram(file)) return {file, prefix: [], conceal: docker.conceal, env: {...docker.env, ...(context !== undefined && {DOCKER_CONTEXT: context})}}
  }
  return {...docker, prefix: [...docker.prefix, 'compose']}
}

const isProgram = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
