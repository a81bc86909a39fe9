import {OperatorError} from '../model/operator-error.js'

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
