import type {Finding} from '../model/finding.js'
import type {Patience} from './ask.js'
import type {ControlServer} from './control-server.js'
import type {PortWish} from './no-port.js'
import type {OwnAddress} from './own-address.js'
import {isRead, type Tunnel} from './reading.js'
import {readTunnel} from './tunnel.js'
import {leakFinding, tunnelFindings} from './tunnel-findings.js'

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
export async function lookAtTunnel(
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
