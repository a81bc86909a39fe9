import type {Setting} from './base-command.js'
import type {DiagnosedEngine} from './engine/engine.js'
import {gatewaysOf, type DeclaredStack} from './model/declared.js'
import type {ObservedContainer} from './model/observed.js'
import {exitCode, OperatorError} from './model/operator-error.js'
import type {TunnelMark} from './model/tunnel-mark.js'
import type {PortReading} from './plan/vpn/port.js'
import {tunnelMark} from './state/tunnel-mark.js'
import {portHands, type PortHands} from './vpn-port.js'
import type {Patience} from './vpn/ask.js'
import {publishedAt, type ControlServer} from './vpn/control-server.js'
import {syncPort} from './vpn/port-sync.js'
import {isRead} from './vpn/reading.js'
import {torrentClient} from './vpn/torrent-client.js'
import {bringBack} from './vpn/tunnel-switch.js'
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
  readonly mark: TunnelMark
}

/** Milliseconds after which Docker is asked again, and the sooner one if the last answers were none. */
const KNOWN_MS = 600_000
const DOUBTED_MS = 10_000

/** Milliseconds until a tunnel that was started has to run. */
const BACK_MS = 60_000

/**
 * The gateway of a stack that has a qBittorrent behind it. What Docker says of it is remembered for a while: a look then
 * costs one question to Gluetun and a file or two of the kernel's.
 */
export function portRoom(source: VpnSource, setting: Setting, folder: string, now: () => number): PortRoom {
  const {control, timeout} = setting.configuration.vpn
  let known: Known | undefined
  let doubted = false
  const markOf = (gateway: {stack: string; gateway: string}): TunnelMark =>
    tunnelMark(folder, {...gateway, doing: 'homelab watch'}, () => new Date(now()))
  const gateway = async (signal: AbortSignal): Promise<Known | undefined> => {
    if (known === undefined || now() - known.at > (doubted ? DOUBTED_MS : KNOWN_MS)) {
      const found = await find(source, signal)
      known = found && {...found, at: now(), mark: markOf(found)}
    }
    return known
  }
  const serverOf = ({container, apiKey}: Known): ControlServer | undefined => {
    const url = control ?? publishedAt(container)
    return url === undefined ? undefined : {url, apiKey}
  }
  return {
    bringBack: async (signal) => {
      const at = await gateway(signal)
      const server = at && serverOf(at)
      if (at === undefined || server === undefined) return false
      const tunnel = {server, answer: timeout * 1000, limit: BACK_MS, now, mark: at.mark}
      return bringBack(tunnel, signal).catch(falseIfBusy)
    },
    read: async (signal) => {
      const at = await gateway(signal)
      const server = at && serverOf(at)
      if (at === undefined || server === undefined) return NOTHING
      const reading = await readAt(at, server, {signal, limit: timeout * 1000})
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

async function readAt(at: Known, server: ControlServer, patience: Patience): Promise<PortReading> {
  const ports = await readPorts(server, patience)
  const [forwarded] = isRead(ports) ? ports.value : []
  if (forwarded === undefined) return NOTHING
  return {forwarded, listens: at.hands.listens(forwarded)}
}

/** The command that took it down lives, and brings it back itself. */
function falseIfBusy(error: unknown): false {
  if (error instanceof OperatorError && error.exitCode === exitCode.busy) return false
  throw error
}

async function find(source: VpnSource, signal: AbortSignal) {
  const {stack, engine, apiKey} = await source()
  const gateway = gatewaysOf(stack).find((name) => torrentClient(stack, name) !== undefined)
  if (gateway === undefined) return undefined
  const container = (await engine.observe(stack, {partial: true}, signal)).containers.get(gateway)
  const hands = container?.state === 'running' ? portHands(stack, container, engine, signal) : undefined
  return container && hands && {stack: stack.name, gateway, container, hands, apiKey}
}
