import type {Finding} from '../model/finding.js'
import {isOn, type Settings} from '../model/gateway-settings.js'
import type {TunnelMemory} from './tunnel-memory.js'

/** What is expected of the forwarded port. */
export type PortWish = {
  /** Whether the gateway is told to ask for one: VPN_PORT_FORWARDING. */
  readonly forwarding: boolean
  /** Milliseconds for which there has been none, as far as is known. */
  readonly portless: number
}

/** How long there has been none the watcher knows; without one, since the container was started is the most it can be. Pure. */
export const portWish = (settings: Settings, {portless}: TunnelMemory, startedAt: number, now: number): PortWish => ({
  forwarding: isOn(settings.get('VPN_PORT_FORWARDING')),
  portless: now - (portless?.since ?? startedAt),
})

/** Milliseconds: a new tunnel needs some seconds until it has a port. Gluetun up to v3.41.1 does not ask a second time. */
const PATIENCE_MS = 120_000

/** That no port is forwarded, judged. Pure. */
export function noPort(check: string, {forwarding, portless}: PortWish): Finding {
  const next = ['homelab vpn reconnect']
  if (!forwarding) return {is: 'warn', check, says: 'none: other peers cannot connect', next}
  if (portless < PATIENCE_MS)
    return {is: 'warn', check, says: 'none yet: a new tunnel needs some seconds, and until then other peers cannot connect', next}
  const minutes = Math.floor(portless / 60_000)
  const says = `none for ${minutes} minutes, although VPN_PORT_FORWARDING is on: other peers cannot connect`
  return {is: 'bad', check, says, next: [...next, 'homelab vpn logs -n 50']}
}
