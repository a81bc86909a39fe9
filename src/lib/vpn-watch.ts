import type {Setting} from './base-command.js'
import type {DiagnosedEngine} from './engine/engine.js'
import {gatewaysOf, type DeclaredStack} from './model/declared.js'
import type {ObservedContainer} from './model/observed.js'
import type {PortReading} from './plan/vpn/port.js'
import {portHands} from './vpn-port.js'
import {publishedAt} from './vpn/control-server.js'
import {syncPort} from './vpn/port-sync.js'
import {isRead} from './vpn/reading.js'
import {torrentClient} from './vpn/torrent-client.js'
import {readPorts} from './vpn/tunnel.js'
import type {PortRoom} from './watch/vpn-watcher.js'

/** A stack as its files say now, and what its gateway is asked with. */
export type VpnSource = () => Promise<{
  readonly stack: DeclaredStack
  readonly engine: DiagnosedEngine
  readonly apiKey: string | undefined
}>

const NOTHING: PortReading = {forwarded: undefined, listens: undefined}

/** The gateway of a stack that has a qBittorrent behind it. A container is looked up by its service once, then by its id. */
export function portRoom(source: VpnSource, setting: Setting): PortRoom {
  const {control, timeout} = setting.configuration.vpn
  let known: string | undefined
  const gatewayOf = async (
    signal: AbortSignal,
  ): Promise<{container: ObservedContainer; with: Awaited<ReturnType<VpnSource>>} | undefined> => {
    const found = await source()
    const {stack, engine} = found
    const service = gatewaysOf(stack).find((name) => torrentClient(stack, name) !== undefined)
    if (service === undefined) return undefined
    const before = known === undefined ? undefined : await engine.inspect(known, signal)
    const container = before ?? (await engine.observe(stack, {partial: true}, signal)).containers.get(service)
    known = container?.id
    return container?.state === 'running' ? {container, with: found} : undefined
  }
  return {
    read: async (signal) => {
      const gateway = await gatewayOf(signal)
      const url = control ?? (gateway && publishedAt(gateway.container))
      if (gateway === undefined || url === undefined) return NOTHING
      const {stack, engine, apiKey} = gateway.with
      const ports = await readPorts({url, apiKey}, {signal, limit: timeout * 1000})
      const [forwarded] = isRead(ports) ? ports.value : []
      if (forwarded === undefined) return NOTHING
      return {forwarded, listens: await portHands(stack, gateway.container, engine, signal)?.listens(forwarded)}
    },
    sync: async (port, signal) => {
      const gateway = await gatewayOf(signal)
      const hands = gateway && portHands(gateway.with.stack, gateway.container, gateway.with.engine, signal)
      if (hands !== undefined) await syncPort({...hands, port, now: Date.now}, signal)
    },
  }
}
