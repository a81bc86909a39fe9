import type {Finding} from '../model/finding.js'
import type {OwnAddress} from './exit-address.js'
import {isRead, type ExitAddress, type Reading, type Tunnel, remedy} from './gluetun.js'
import {noPort, type PortWish} from './no-port.js'
import type {Preferences} from './qbittorrent.js'

/** What Gluetun says of its tunnel, judged. Pure. @param hasKey Whether we know an API key. */
export function tunnelFindings(tunnel: Tunnel, hasKey: boolean, wish: PortWish): Finding[] {
  const version = isRead(tunnel.version) ? tunnel.version.value : undefined
  const unread = (check: string, reading: Exclude<Reading<unknown>, {value: unknown}>): Finding => ({
    is: 'unknown',
    check,
    says: `Gluetun could not be asked: ${reading.says}`,
    next: remedy(reading.why, hasKey, version),
    ...(reading.why === 'silent' && {late: true}),
  })
  const {state, exit, ports, dns} = tunnel
  return [
    isRead(state) ? ofState(state.value) : unread('tunnel', state),
    isRead(exit) ? ofExit(exit.value) : unread('exit IP', exit),
    isRead(ports) ? ofPorts(ports.value, wish) : unread('forwarded port', ports),
    isRead(dns) ? ofDns(dns.value) : unread('DNS', dns),
  ]
}

function ofState(state: string): Finding {
  if (state === 'running') return {is: 'good', check: 'tunnel', says: 'running'}
  const comes = state === 'starting' || state === 'stopping'
  return {is: comes ? 'warn' : 'bad', check: 'tunnel', says: state, next: comes ? [] : ['homelab vpn reconnect', 'homelab vpn logs -n 50']}
}

function ofExit({ip, city, country, organization}: ExitAddress): Finding {
  if (ip === '') return {is: 'unknown', check: 'exit IP', says: 'Gluetun does not know its address', next: ['homelab vpn logs -n 50']}
  const place = [city, country].filter((part) => part !== undefined).join(', ')
  return {is: 'good', check: 'exit IP', says: [ip, place, organization].filter((part) => part !== undefined && part !== '').join(' · ')}
}

const ofPorts = (ports: readonly number[], wish: PortWish): Finding =>
  ports.length > 0 ? {is: 'good', check: 'forwarded port', says: ports.join(', ')} : noPort('forwarded port', wish)

const ofDns = (status: string): Finding => ({
  is: 'good',
  check: 'DNS',
  says: status === 'running' ? "Gluetun's own server runs" : `Gluetun's own server is ${status}, as DNS_SERVER=off has it`,
})

/** Whether what leaves the tunnel leaves from elsewhere than from this machine. Pure. */
export function leakFinding(exit: Reading<ExitAddress>, own: OwnAddress): Finding {
  const check = 'leak'
  const told = [...own.told.values()].reduce((sum, count) => sum + count, 0)
  if (!isRead(exit) || exit.value.ip === '') return {is: 'unknown', check, says: 'without an exit IP nothing can be compared'}
  if (told === 0)
    return {
      is: 'unknown',
      check,
      says: `none of ${own.asked} services told this machine's own address`,
      next: ['Set others, in homelab.yml: vpn: {ownAddress: ["https://ifconfig.co/ip"]}'],
    }
  const by = `by ${told} of ${own.asked} services`
  if (own.told.has(exit.value.ip))
    return {
      is: 'bad',
      check,
      says: `the tunnel's address ${exit.value.ip} is this machine's own, ${by}`,
      next: ['Until it is mended: homelab stack <stack> stop'],
      danger: true,
    }
  return {is: 'good', check, says: `this machine's own address is another: ${[...own.told.keys()].join(', ')}, ${by}`}
}

/** The forwarded port against what qBittorrent does with it. */
export type PortView = {
  readonly forwarded: Reading<readonly number[]>
  readonly preferences: Reading<Preferences>
  /** Whether somebody in the namespace listens on the forwarded port; undefined: the kernel does not tell. */
  readonly listens: boolean | undefined
  /** The tunnel's: "tun0". */
  readonly tunnel: string
  readonly wish: PortWish
}

const SYNC = 'homelab vpn port sync'

/** Judged. Pure. */
export function portFindings({forwarded, preferences, listens, tunnel, wish}: PortView): Finding[] {
  const check = 'port'
  if (!isRead(forwarded))
    return [{is: 'unknown', check, says: `Gluetun could not be asked: ${forwarded.says}`, next: ['homelab vpn status']}]
  const [port] = forwarded.value
  if (port === undefined) return [noPort(check, wish)]
  if (!isRead(preferences)) return [{is: 'unknown', check, says: preferences.says, next: clientRemedy(preferences.why)}]
  const its = preferences.value
  if (!forwarded.value.includes(its.port))
    return [{is: 'bad', check, says: `qBittorrent listens on ${its.port}, and ${port} is forwarded`, next: [SYNC]}]
  if (listens === false) return [{is: 'bad', check, says: `qBittorrent is set to ${its.port}, and nobody listens there`, next: [SYNC]}]
  return [{is: 'good', check, says: `qBittorrent listens on ${its.port}, which is forwarded`}, ofInterface(its, tunnel)]
}

function ofInterface(its: Preferences, tunnel: string): Finding {
  const check = 'interface'
  if (its.interface === tunnel) return {is: 'good', check, says: `qBittorrent is bound to ${tunnel}`}
  const says =
    its.interface === ''
      ? `qBittorrent is bound to no interface, only its namespace keeps it in`
      : `qBittorrent is bound to ${its.interface}, and the tunnel is ${tunnel}`
  return {is: its.interface === '' ? 'warn' : 'bad', check, says, next: [SYNC]}
}

function clientRemedy(why: 'refused' | 'unknown-route' | 'silent' | 'strange'): string[] {
  if (why === 'refused')
    return ['In qBittorrent: Options > Web UI > "Bypass authentication for clients on localhost": that is gluetun and what is behind it']
  return ['homelab health', 'homelab stack <stack> logs -n 50 qbittorrent']
}
