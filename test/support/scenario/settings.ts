import {readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {parse, parseDocument} from 'yaml'
import {freePorts} from '../../lab/free-ports.js'
import type {Lab} from '../../lab/lab.js'

/** What homelab.yml may say of the watcher; homelab.example.yml explains it. */
export type Settings = {
  readonly cascade?: Readonly<Partial<Record<'gateway' | 'verify' | 'attempts' | 'backoff' | 'perHour' | 'pause' | 'debounce', number>>>
  readonly watch?: {readonly resync?: number; readonly dockerAway?: number}
  readonly updates?: Readonly<Record<string, unknown>>
  readonly vpn?: Readonly<Record<string, unknown>>
  readonly timeouts?: {readonly healthy: number}
}

/** Short limits, and as many cascades as a file of tests needs. */
const BRISK = {gateway: 60, verify: 30, attempts: 3, backoff: 1, perHour: 1000, pause: 3600, debounce: 1}

/** Writes homelab.yml. JSON is YAML. @returns Where /health will be. */
export async function writeSettings(lab: Lab, {cascade, watch, ...others}: Settings = {}): Promise<string> {
  const [port] = await freePorts(1)
  const listen = `127.0.0.1:${port}`
  const settings = {cascade: {...BRISK, ...cascade}, watch: {...watch, listen}, ...others}
  await writeFile(path.join(lab.home, 'homelab.yml'), JSON.stringify(settings))
  return `http://${listen}/health`
}

/**
 * Health is asked twice a second while a service starts, and the gateway's every other second after that: the tests wait for
 * what the program does, not for the next check, and each check is a tenth of a processor's second. Who does not stop is
 * killed after 4 s. Call before a stack comes up.
 */
export async function hasten(lab: Lab): Promise<void> {
  await Promise.all(['torrent', 'plex', 'services'].map((stack) => hastenStack(path.join(lab.home, 'compose'), stack)))
}

async function hastenStack(folder: string, stack: string): Promise<void> {
  const file = path.join(folder, `${stack}.override.yml`)
  const document = parseDocument(await readFile(file, 'utf8'))
  const {services} = parse(await readFile(path.join(folder, `${stack}.yml`), 'utf8'), {merge: true}) as {services: Record<string, Checked>}
  for (const [name, {healthcheck}] of Object.entries(services)) {
    if (healthcheck?.start_interval !== undefined) document.setIn(['services', name, 'healthcheck', 'start_interval'], '500ms')
    document.setIn(['services', name, 'stop_grace_period'], '4s')
  }
  const gateway = {interval: '2s', timeout: '2s', retries: 2, start_period: '5s', start_interval: '500ms'}
  if ('gluetun' in services) document.setIn(['services', 'gluetun', 'healthcheck'], gateway)
  await writeFile(file, document.toString())
}

type Checked = {readonly healthcheck?: {readonly start_interval?: string}}

/** Nobody listens there: what would be sent stays in the outbox. The discard port, RFC 863. */
export const NOBODY = 'http://127.0.0.1:9'

/** Where the lab's messages go. */
export const sendTo = (lab: Lab, url: string, token = ''): Promise<void> => setVariables(lab, {NTFY_URL: url, NTFY_TOKEN: token})

/** Sets variables of the lab's `.env`. */
export async function setVariables(lab: Lab, variables: Readonly<Record<string, string>>): Promise<void> {
  const file = path.join(lab.home, 'compose', '.env')
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '' && !((line.split('=')[0] ?? '') in variables))
  const fresh = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  await writeFile(file, `${[...lines, ...fresh].join('\n')}\n`)
}

/** What a variable of the lab's `.env` is. */
export async function variableOf(lab: Lab, name: string): Promise<string> {
  const text = await readFile(path.join(lab.home, 'compose', '.env'), 'utf8')
  return (
    text
      .split('\n')
      .find((line) => line.startsWith(`${name}=`))
      ?.slice(name.length + 1) ?? ''
  )
}
