import type {Setting} from './base-command.js'
import type {DiagnosedEngine} from './engine/engine.js'
import {gatewaysOf, type DeclaredStack} from './model/declared.js'
import type {ObservedContainer} from './model/observed.js'
import type {PortReading} from './plan/vpn/port.js'
import {portHands, type PortHands} from './vpn-port.js'
import type {Patience} from './vpn/ask.js'
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

type Known = {
  readonly at: number
  readonly container: ObservedContainer
  readonly hands: PortHands
  readonly apiKey: string | undefined
}

/** Milliseconds after which Docker is asked again, and the sooner one if the last answers were none. */
const KNOWN_MS = 600_000
const DOUBTED_MS = 10_000

/**
 * The gateway of a stack that has a qBittorrent behind it. What Docker says of it is remembered for a while: a look then
 * costs one question to Gluetun and a file or two of the kernel's.
 */
export function portRoom(source: VpnSource, setting: Setting, now: () => number): PortRoom {
  const {control, timeout} = setting.configuration.vpn
  let known: Known | undefined
  let doubted = false
  const gateway = async (signal: AbortSignal): Promise<Known | undefined> => {
    if (known === undefined || now() - known.at > (doubted ? DOUBTED_MS : KNOWN_MS)) known = await find(source, now(), signal)
    return known
  }
  return {
    read: async (signal) => {
      const at = await gateway(signal)
      const url = control ?? (at && publishedAt(at.container))
      if (at === undefined || url === undefined) return NOTHING
      const reading = await readAt(at, url, {signal, limit: timeout * 1000})
      // A gateway that was started again has another process; one that does not answer may be gone.
      doubted = reading.listens === undefined
      return reading
    },
    sync: async (port, signal) => {
      const at = await gateway(signal)
      if (at !== undefined) await syncPort({...at.hands, port, now}, signal)
    },
  }
}

async function readAt(at: Known, url: string, patience: Patience): Promise<PortReading> {
  const ports = await readPorts({url, apiKey: at.apiKey}, patience)
  const [forwarded] = isRead(ports) ? ports.value : []
  if (forwarded === undefined) return NOTHING
  return {forwarded, listens: at.hands.listens(forwarded)}
}

async function find(source: VpnSource, at: number, signal: AbortSignal): Promise<Known | undefined> {
  const found = await source()
  const service = gatewaysOf(found.stack).find((name) => torrentClient(found.stack, name) !== undefined)
  if (service === undefined) return undefined
  const container = (await found.engine.observe(found.stack, {partial: true}, signal)).containers.get(service)
  const hands = container?.state === 'running' ? portHands(found.stack, container, found.engine, signal) : undefined
  return container && hands && {at, container, hands, apiKey: found.apiKey}
}
