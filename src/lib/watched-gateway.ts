import type {Setting} from './base-command.js'
import {steadyClock} from './model/clock.js'
import type {DiagnosedEngine} from './engine/engine.js'
import {gatewaysOf, type DeclaredStack} from './model/declared.js'
import type {TunnelMark} from './model/tunnel-mark.js'
import {tunnelMark} from './state/tunnel-mark.js'
import {portHands, type PortHands} from './vpn-port.js'
import {publishedAt, type ControlServer} from './vpn/control-server.js'
import {torrentClient} from './vpn/torrent-client.js'

/** A stack as its files say now, and what its gateway is asked with. */
export type VpnSource = () => Promise<{
  readonly stack: DeclaredStack
  readonly engine: DiagnosedEngine
  readonly apiKey: string | undefined
}>

/** A gateway that has a qBittorrent behind it. */
export type WatchedGateway = {
  readonly stack: string
  readonly gateway: string
  readonly server: ControlServer
  readonly hands: PortHands
  readonly mark: TunnelMark
}

type Remembered = {
  /** undefined: it does not run, or publishes no control server. */
  now(signal: AbortSignal): Promise<WatchedGateway | undefined>
  /** Its last answer was none: it may have another container by now. */
  doubt(doubted: boolean): void
}

type Parts = {
  readonly setting: Setting
  /** The state folder. */
  readonly folder: string
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Milliseconds after which Docker is asked again: of one that is there, one that does not answer, and one that is not there. */
const KNOWN_MS = 600_000
const DOUBTED_MS = 10_000
const AWAY_MS = 1_000

/** What Docker says of a gateway, remembered for a while. */
export function rememberedGateway(source: VpnSource, parts: Parts): Remembered {
  const clock = steadyClock(parts.now)
  let known: {readonly at: number; readonly gateway: WatchedGateway | undefined} | undefined
  let doubted = false
  return {
    now: async (signal) => {
      const limit = known?.gateway === undefined ? AWAY_MS : doubted ? DOUBTED_MS : KNOWN_MS
      if (known === undefined || clock() - known.at > limit) known = {gateway: await find(source, parts, signal), at: clock()}
      return known.gateway
    },
    doubt: (are) => void (doubted = are),
  }
}

async function find(source: VpnSource, {setting, folder, now}: Parts, signal: AbortSignal): Promise<WatchedGateway | undefined> {
  const {stack, engine, apiKey} = await source()
  const gateway = gatewaysOf(stack).find((name) => torrentClient(stack, name) !== undefined)
  if (gateway === undefined) return undefined
  const container = (await engine.observe(stack, {partial: true}, signal)).containers.get(gateway)
  if (container?.state !== 'running') return undefined
  const hands = portHands(stack, container, engine, signal)
  const url = setting.configuration.vpn.control ?? publishedAt(container)
  if (hands === undefined || url === undefined) return undefined
  const mark = tunnelMark(folder, {stack: stack.name, gateway, doing: 'homelab watch'}, () => new Date(now()))
  return {stack: stack.name, gateway, server: {url, apiKey}, hands, mark}
}
