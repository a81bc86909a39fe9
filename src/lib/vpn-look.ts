import type {Setting} from './base-command.js'
import {gatewaysOf} from './model/declared.js'
import type {Subject} from './model/finding.js'
import type {World} from './plan/world.js'
import {publishedAt} from './vpn/control-server.js'
import {lookAtTunnel} from './vpn/look.js'
import {exposedClients} from './vpn/namespace-findings.js'
import {ownAddress} from './vpn/own-address.js'

type VpnLook = {
  readonly setting: Setting
  /** Of `.env`. */
  readonly variables: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Milliseconds for one answer. */
  readonly limit: number
}

/** Every tunnel, and every torrent client that is in none. Where each dependent is, is told with its own stack. */
export async function vpnSubjects(worlds: readonly World[], {setting, variables, signal, limit}: VpnLook): Promise<Subject[]> {
  const {control, ownAddress: services} = setting.configuration.vpn
  const gateways = worlds.flatMap(({stack, observed}) =>
    gatewaysOf(stack).map((name) => ({name, container: observed.containers.get(name)})),
  )
  const exposed = exposedClients(worlds).map((finding): Subject => ({area: 'vpn', subject: finding.check, findings: [finding]}))
  if (gateways.length === 0) return exposed
  const own = ownAddress(services, {signal, limit})
  const tunnels = gateways.map(async ({name, container}): Promise<Subject> => {
    const url = control ?? (container && publishedAt(container))
    const server = url === undefined ? undefined : {url, apiKey: variables.GLUETUN_API_KEY || undefined}
    const {findings} = await lookAtTunnel(container?.state === 'running' ? server : undefined, own, {signal, limit})
    return {area: 'vpn', subject: name, findings}
  })
  return [...(await Promise.all(tunnels)), ...exposed]
}
