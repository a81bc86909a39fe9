import type Docker from 'dockerode'
import {OperatorError} from '../util/errors.js'
import {observeNetworks} from './api/networks.js'
import type {About} from './engine.js'

/** `start_interval` of health checks needs Engine 25; inline `configs` need Compose 2.23.1, override tags 2.24.4. */
export const NEEDED = {engine: [25, 0, 0], compose: [2, 24, 4]} as const

type Version = readonly [number, number, number]

/** "v2.26.1-4", "26.1.5+dfsg1" → numbers; undefined for what is no version. */
export function parseVersion(text: string): Version | undefined {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text)
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)]
}

function isOlder(version: Version, needed: Version): boolean {
  const difference = version[0] - needed[0] || version[1] - needed[1] || version[2] - needed[2]
  return difference < 0
}

/** @throws OperatorError if it is too old; a version that cannot be read (a development build) is let through. */
export function requireVersion(name: string, text: string, needed: Version, packageName: string): void {
  const version = parseVersion(text)
  if (version === undefined || !isOlder(version, needed)) return
  throw new OperatorError(`${name} ${version.join('.')} is too old: the stacks need ${needed.join('.')} or newer.`, {
    next: [`Debian 13 or newer: sudo apt-get install ${packageName}`, 'Everything else: https://docs.docker.com/engine/install/'],
  })
}

/** The name of the machine that Docker runs on. */
export async function machineName(docker: Docker): Promise<string> {
  const {Name = ''} = (await docker.info()) as {Name?: string}
  return Name
}

/** What Docker says of itself. */
export async function about(docker: Docker, signal: AbortSignal): Promise<About> {
  const [info, version, {all}] = await Promise.all([
    docker.info() as Promise<{DockerRootDir?: string; Name?: string}>,
    docker.version(),
    observeNetworks(docker, '', signal),
  ])
  return {version: version.Version, architecture: version.Arch, machine: info.Name ?? '', root: info.DockerRootDir ?? '', subnets: all}
}
