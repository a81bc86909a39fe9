import {ask, type Patience} from './ask.js'
import type {ControlServer} from './control-server.js'
import {isRead, type ExitAddress, type Reading, type Tunnel, type TunnelState} from './reading.js'

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
