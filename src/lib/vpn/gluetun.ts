import {type ObservedContainer, publishedPort} from '../model/container.js'
import {send} from '../util/http-client.js'
import {limited} from '../util/timeout.js'

type Question = {
  readonly method?: 'GET' | 'PUT'
  /** "/v1/vpn/status" */
  readonly path: string
  readonly body?: unknown
}

export type Patience = {
  readonly signal: AbortSignal
  /** Milliseconds. */
  readonly limit: number
}

/**
 * Asks Gluetun's control server: https://github.com/qdm12/gluetun-wiki/blob/main/setup/advanced/control-server.md
 * @param read What the answer holds; undefined: not what was expected. Never throws, but for a signal that fired.
 */
export async function ask<T>(
  {url, apiKey}: ControlServer,
  {method = 'GET', path, body}: Question,
  read: (answer: unknown) => T | undefined,
  {signal, limit}: Patience,
): Promise<Reading<T>> {
  const route = `${method} ${path}`
  const headers = {...(apiKey !== undefined && {'x-api-key': apiKey}), ...(body !== undefined && {'content-type': 'application/json'})}
  try {
    return await limited(signal, limit, async (either) => {
      const sent = body === undefined ? undefined : JSON.stringify(body)
      const {status, text} = await send(new URL(path, url), {method, headers, body: sent, signal: either})
      if (status === 401 || status === 403) return {why: 'refused', says: `${route} was refused (${status})`}
      if (status === 404) return {why: 'unknown-route', says: `it does not know ${route} (404)`}
      if (status < 200 || status > 299) return {why: 'strange', says: `${route} was answered with ${status}`}
      const value = read(parsed(text))
      return value === undefined ? {why: 'strange', says: `${route} was answered with something else than expected`} : {value}
    })
  } catch (error) {
    signal.throwIfAborted()
    return {why: 'silent', says: `it does not answer at ${url}: ${reason(error, limit)}`}
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function reason(error: unknown, limit: number): string {
  const {name, message, code} = error as NodeJS.ErrnoException
  return name === 'AbortError' ? `nothing within ${limit / 1000} s` : message || (code ?? 'no answer')
}

/** Gluetun's control server, as this machine reaches it. */
export type ControlServer = {
  /** "http://127.0.0.1:8000" */
  readonly url: string
  readonly apiKey: string | undefined
}

/** What Gluetun listens on in its container, unless told otherwise. */
const PORT = 8000

/** Where the gateway publishes its control server; undefined: nowhere. */
export function publishedAt(container: Pick<ObservedContainer, 'ports'>, wanted = PORT): string | undefined {
  const found = publishedPort(container, wanted)
  return found && `http://${found.host}:${found.port}`
}

/** All that Gluetun tells of its tunnel, asked at once. `/v1/vpn/settings` holds credentials, and is never asked. */
export async function readTunnel(server: ControlServer, patience: Patience): Promise<Tunnel> {
  const [version, state, exit, ports, dns] = await Promise.all([
    ask(server, {path: '/v1/version'}, (answer) => textOf(answer, 'version'), patience),
    readState(server, patience),
    ask(server, {path: '/v1/publicip/ip'}, exitOf, patience),
    readPorts(server, patience),
    ask(server, {path: '/v1/dns/status'}, (answer) => textOf(answer, 'status'), patience),
  ])
  return {version, state, exit, ports, dns}
}

export const readState = (server: ControlServer, patience: Patience): Promise<Reading<TunnelState>> =>
  ask(server, {path: '/v1/vpn/status'}, (answer) => STATES.find((state) => state === textOf(answer, 'status')), patience)

const STATES = ['starting', 'running', 'stopping', 'stopped', 'crashed', 'completed'] as const

/** Since v3.41; those before know it under another name, and answer 401 or 404 to this one. */
export async function readPorts(server: ControlServer, patience: Patience): Promise<Reading<readonly number[]>> {
  const now = await ask(server, {path: '/v1/portforward'}, portsOf, patience)
  if (isRead(now) || now.why === 'silent' || now.why === 'strange') return now
  const before = await ask(server, {path: '/v1/openvpn/portforwarded'}, portsOf, patience)
  return isRead(before) ? before : now
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function textOf(answer: unknown, name: string): string | undefined {
  const found = isObject(answer) ? answer[name] : undefined
  return typeof found === 'string' && found !== '' ? found.slice(0, 200) : undefined
}

/** An empty address: there is none yet. */
function exitOf(answer: unknown): ExitAddress | undefined {
  if (!isObject(answer) || typeof answer.public_ip !== 'string') return undefined
  const [city, country, organization] = ['city', 'country', 'organization'].map((name) => textOf(answer, name))
  return {ip: answer.public_ip, ...(city && {city}), ...(country && {country}), ...(organization && {organization})}
}

/** 0 stands for none. */
function portsOf(answer: unknown): number[] | undefined {
  if (!isObject(answer)) return undefined
  const all: unknown[] = Array.isArray(answer.ports) ? answer.ports : [answer.port]
  if (!all.every((port): port is number => typeof port === 'number' && Number.isInteger(port) && port >= 0 && port < 65_536))
    return undefined
  return all.filter((port) => port > 0)
}

/** What a question to a server brought: a value, or why there is none. */
export type Reading<T> = {readonly value: T} | {readonly why: 'refused' | 'unknown-route' | 'silent' | 'strange'; readonly says: string}

export const isRead = <T>(reading: Reading<T>): reading is {readonly value: T} => 'value' in reading

/** Where this Gluetun's tunnel comes out; what it does not know is left out. */
export type ExitAddress = {readonly ip: string; readonly city?: string; readonly country?: string; readonly organization?: string}

export type TunnelState = 'starting' | 'running' | 'stopping' | 'stopped' | 'crashed' | 'completed'

/** What Gluetun says of its tunnel. */
export type Tunnel = {
  readonly version: Reading<string>
  readonly state: Reading<TunnelState>
  readonly exit: Reading<ExitAddress>
  /** None: the provider has forwarded none. */
  readonly ports: Reading<readonly number[]>
  /** Its own DNS server: "running", "stopped". */
  readonly dns: Reading<string>
}

/** Why a question was not answered. */
type Why = Exclude<Reading<unknown>, {value: unknown}>['why']

/** What a person does so that Gluetun can be asked. @param version As Gluetun tells it; undefined: it does not. */
export function remedy(why: Why, hasKey: boolean, version: string | undefined): string[] {
  if (why === 'refused' && !hasKey) return ['Set GLUETUN_API_KEY in compose/.env to the apikey of its role']
  if (why === 'refused')
    return [
      'GLUETUN_API_KEY is another key than its role has, or there is no such role. /gluetun/auth/config.toml needs:',
      ...roles(version),
    ]
  if (why === 'unknown-route') return ['A newer Gluetun knows it: https://github.com/qdm12/gluetun/releases']
  if (why === 'silent')
    return ['See whether it is well: homelab stack <stack> status', 'Is port 8000 of the gateway published to this machine?']
  return ['See what listens there: homelab vpn logs -n 50']
}

const ROUTES = ['GET /v1/version', 'GET /v1/vpn/status', 'PUT /v1/vpn/status', 'GET /v1/publicip/ip', 'GET /v1/dns/status'] as const

/** A route that a version does not know, in this file, makes it exit. */
const portRoute = (version: string | undefined): string =>
  /^v?3\.([0-9]|[1-3][0-9]|40)\b/.test(version ?? '') ? 'GET /v1/openvpn/portforwarded' : 'GET /v1/portforward'

const roles = (version: string | undefined): string[] => [
  '  [[roles]]',
  '  name = "homelab"',
  '  auth = "apikey"',
  '  apikey = "<GLUETUN_API_KEY of compose/.env>"',
  `  routes = [${[...ROUTES, portRoute(version)].map((route) => `"${route}"`).join(', ')}]`,
]
