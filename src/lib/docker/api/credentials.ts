import {readFile} from 'node:fs/promises'
import path from 'node:path'
import type {AuthConfig} from 'dockerode'
import type {Environment} from '../../config/environment.js'
import {dockerConfigDir} from '../connect.js'

/** Looks up what `docker login` stored for the registry of a reference; undefined for an anonymous pull. */
export type Credentials = (reference: string) => Promise<AuthConfig | undefined>

/** Runs `docker-credential-<helper> get`, the registry on its stdin; returns its stdout, undefined if it has nothing. */
export type AskHelper = (helper: string, registry: string) => Promise<string | undefined>

const DOCKER_HUB = 'https://index.docker.io/v1/'

type ConfigFile = {auths?: Record<string, {auth?: string}>; credHelpers?: Record<string, string>; credsStore?: string}

/** Reads the docker CLI's configuration anew for each question; it is small, and a login may happen any time. */
export function dockerCredentials(environment: Environment, askHelper: AskHelper): Credentials {
  return async (reference) => {
    const config = await readConfig(environment)
    const registry = registryOf(reference)
    const helper = config.credHelpers?.[registry] ?? config.credsStore
    const stored = helper === undefined ? undefined : await askHelper(helper, registry)
    if (stored !== undefined) return fromHelper(stored, registry)
    const auth = config.auths?.[registry]?.auth
    return auth ? fromBasic(auth, registry) : undefined
  }
}

/** docker.io/library/alpine, alpine, user/alpine → Docker Hub; ghcr.io/x/y → ghcr.io; 127.0.0.1:5000/x → 127.0.0.1:5000. */
export function registryOf(reference: string): string {
  const first = reference.split('/')[0] ?? ''
  const named = reference.includes('/') && (/[.:]/.test(first) || first === 'localhost')
  return !named || first === 'docker.io' ? DOCKER_HUB : first
}

async function readConfig(environment: Environment): Promise<ConfigFile> {
  try {
    return JSON.parse(await readFile(path.join(dockerConfigDir(environment), 'config.json'), 'utf8')) as ConfigFile
  } catch {
    return {}
  }
}

function fromBasic(auth: string, serveraddress: string): AuthConfig {
  const text = Buffer.from(auth, 'base64').toString()
  const colon = text.indexOf(':')
  return {username: text.slice(0, colon), password: text.slice(colon + 1), serveraddress}
}

function fromHelper(stored: string, serveraddress: string): AuthConfig {
  const {Username, Secret} = JSON.parse(stored) as {Username: string; Secret: string}
  // By the helpers' protocol this name marks an identity token; https://github.com/docker/docker-credential-helpers
  if (Username === '<token>') return {identitytoken: Secret, serveraddress}
  return {username: Username, password: Secret, serveraddress}
}
