import type {Finding} from '../model/finding.js'
import {noPort, type PortWish} from './no-port.js'
import type {Preferences} from './qbittorrent.js'
import {isRead, type Reading} from './reading.js'

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
  if (!isRead(preferences)) return [{is: 'unknown', check, says: preferences.says, next: remedy(preferences.why)}]
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

function remedy(why: 'refused' | 'unknown-route' | 'silent' | 'strange'): string[] {
  if (why === 'refused')
    return ['In qBittorrent: Options > Web UI > "Bypass authentication for clients on localhost": that is gluetun and what is behind it']
  return ['homelab health', 'homelab stack <stack> logs -n 50 qbittorrent']
}
