import type {DiagnosedEngine} from '../docker/engine.js'
import {isUp, type ObservedContainer} from '../model/container.js'
import type {Finding, Subject} from '../model/finding.js'
import {gatewaysOf, type DeclaredStack} from '../model/stack.js'
import type {World} from '../stack/snapshot.js'
import {type OwnAddress, ownAddress} from './exit-address.js'
import {ruleFindings} from './firewall-findings.js'
import {portHands} from './forwarded-port.js'
import {type Patience, type ControlServer, isRead, type Tunnel, readTunnel, publishedAt} from './gluetun.js'
import {exposedClients} from './namespace-findings.js'
import {type PortWish, portWish} from './no-port.js'
import {lookAtTraffic} from './observe-traffic.js'
import {leakFinding, tunnelFindings, portFindings} from './tunnel-findings.js'
import type {TunnelMemory} from './tunnel-memory.js'
import type {Setting} from '../config/homelab.js'
import {networkInterfaces} from 'node:os'

/** What was found of one tunnel, and what it was found by. */
type TunnelLook = {readonly findings: readonly Finding[]; readonly tunnel: Tunnel | undefined}

const NOWHERE: Finding = {
  is: 'unknown',
  check: 'tunnel',
  says: 'Gluetun cannot be asked: it publishes no control server to this machine',
  next: [
    'Publish its port 8000 to this machine alone: "127.0.0.1:8000:8000"',
    'or say where it is, in homelab.yml: vpn: {control: "http://127.0.0.1:8000"}',
  ],
}

/** Asks Gluetun, and compares with what others say of this machine. */
async function lookAtTunnel(
  server: ControlServer | undefined,
  own: Promise<OwnAddress>,
  wish: PortWish,
  patience: Patience,
): Promise<TunnelLook> {
  if (server === undefined) return {findings: [NOWHERE], tunnel: undefined}
  const [tunnel, address] = await Promise.all([readTunnel(server, patience), own])
  return {findings: [...tunnelFindings(tunnel, server.apiKey !== undefined, wish), leakFinding(tunnel.exit, address)], tunnel}
}

/** The `--json` form of a tunnel: what could be read. Part of the program's interface: fields are added, never renamed. */
export type TunnelJson = {
  readonly version?: string
  readonly state?: string
  readonly exit?: {readonly ip: string; readonly city?: string; readonly country?: string; readonly organization?: string}
  readonly ports?: readonly number[]
  readonly dns?: string
}

export const tunnelJson = ({version, state, exit, ports, dns}: Tunnel): TunnelJson => ({
  ...(isRead(version) && {version: version.value}),
  ...(isRead(state) && {state: state.value}),
  ...(isRead(exit) && {exit: exit.value}),
  ...(isRead(ports) && {ports: ports.value}),
  ...(isRead(dns) && {dns: dns.value}),
})

/** What a look at gateways needs to know. */
export type GatewayLook = {
  readonly engine: DiagnosedEngine
  readonly own: Promise<OwnAddress>
  /** Of Docker's networks, CIDR. */
  readonly subnets: ReadonlyMap<string, readonly string[]>
  readonly signal: AbortSignal
  /** Milliseconds for one answer. */
  readonly limit: number
  /** What is asked through the tunnel. */
  readonly through: readonly string[]
  /** What the watcher has found out. */
  readonly remembered: (stack: string, gateway: string) => Promise<TunnelMemory>
  /** Epoch milliseconds; `until`: when the traffic has to be judged, by what is known then. */
  readonly now: () => number
  readonly until?: number
}

type Seen = {
  readonly stack: DeclaredStack
  readonly name: string
  readonly container: ObservedContainer | undefined
  readonly server: ControlServer | undefined
}

/** One gateway: its tunnel, its forwarded port, its rules. Who is behind it is another matter. */
export async function lookAtGateway(
  {stack, name, container, server}: Seen,
  look: GatewayLook,
): Promise<{tunnel: Tunnel | undefined; findings: readonly Finding[]}> {
  const rules = rulesOf(stack, name, container, look.subnets)
  if (container?.state !== 'running') return {tunnel: undefined, findings: [stopped(stack.name, name), ...rules]}
  const settings = container.settings ?? stack.services.get(name)?.settings ?? new Map<string, string>()
  const memory = await look.remembered(stack.name, name)
  const wish = portWish(settings, memory, container.startedAt, look.now())
  const told = lookAtTunnel(server, look.own, wish, look)
  const [{tunnel, findings}, traffic, port] = await Promise.all([
    told,
    lookAtTraffic({...look, container, settings, memory}),
    told.then((seen) => (seen.tunnel === undefined ? [] : ofPort(stack, container, seen.tunnel, wish, look))),
  ])
  // Of a tunnel that is stopped that is told already.
  const works = tunnel === undefined || !isRead(tunnel.state) || tunnel.state.value === 'running'
  return {tunnel, findings: [...findings, ...(works ? [traffic] : []), ...port, ...rules]}
}

const stopped = (stack: string, name: string): Finding => ({
  is: 'bad',
  check: 'tunnel',
  says: `${name} does not run, so there is none`,
  next: [`homelab stack ${stack} up ${name}`],
})

/** The rules of a gateway: those that it runs with, and whether they are those that are declared. */
export function rulesOf(
  stack: DeclaredStack,
  gateway: string,
  container: ObservedContainer | undefined,
  subnets: GatewayLook['subnets'],
): Finding[] {
  const service = stack.services.get(gateway)
  const shared = (service?.networks ?? []).flatMap((network) => subnets.get(network) ?? [])
  const running = isUp(container) ? container?.settings : undefined
  return ruleFindings({running, declared: service?.settings ?? new Map<string, string>(), lans: ownLans(), shared})
}

/** Of what Gluetun does not tell, that is told already. */
async function ofPort(
  stack: DeclaredStack,
  container: ObservedContainer,
  {ports}: Tunnel,
  wish: PortWish,
  look: GatewayLook,
): Promise<Finding[]> {
  const hands = portHands(stack, container, look.engine, look.signal, look.limit)
  const [port] = isRead(ports) ? ports.value : []
  if (hands === undefined || port === undefined) return []
  return portFindings({
    ...{forwarded: ports, preferences: await hands.client.preferences()},
    ...{listens: hands.listens(port), tunnel: hands.tunnel, wish},
  })
}

type VpnLook = Omit<GatewayLook, 'own' | 'through'> & {
  readonly setting: Setting
  /** Of `.env`. */
  readonly variables: Readonly<Record<string, string>>
}

/** Every gateway, and every torrent client that is behind none. Where each dependent is, is told with its own stack. */
export async function vpnSubjects(worlds: readonly World[], {setting, variables, ...look}: VpnLook): Promise<Subject[]> {
  const {control, ownAddress: services, through} = setting.configuration.vpn
  const exposed = exposedClients(worlds).map((finding): Subject => ({area: 'vpn', subject: finding.check, findings: [finding]}))
  const gateways = worlds.flatMap(({stack, observed}) =>
    gatewaysOf(stack).map((name) => ({stack, name, container: observed.containers.get(name)})),
  )
  if (gateways.length === 0) return exposed
  const own = ownAddress(services, look)
  // Whoever waits for it is told; nobody does if there is nothing to compare it with.
  own.catch(() => undefined)
  const subjects = gateways.map(async (gateway): Promise<Subject> => {
    const url = control ?? (gateway.container && publishedAt(gateway.container))
    const server = url === undefined ? undefined : {url, apiKey: variables.GLUETUN_API_KEY || undefined}
    const {findings} = await lookAtGateway({...gateway, server}, {...look, own, through})
    return {area: 'vpn', subject: gateway.name, findings}
  })
  return [...(await Promise.all(subjects)), ...exposed]
}

/** Interfaces that are Docker's, a VPN's, or of a virtual machine: no LAN of this machine. */
const VIRTUAL = /^(lo|docker|br-|veth|virbr|tun|tap|wg|tailscale|zt)/

/** The IPv4 networks that this machine itself is in, CIDR. */
function ownLans(): string[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) => (VIRTUAL.test(name) ? [] : addresses))
  return all.flatMap(({family, internal, cidr}) => (family === 'IPv4' && !internal && cidr !== null ? [cidr] : []))
}
