import {steadyClock} from '../model/clock.js'
import type {DiagnosedEngine} from '../docker/engine.js'
import type {DeclaredStack} from '../model/stack.js'
import type {Settings} from '../model/gateway-settings.js'
import type {ObservedContainer} from '../model/container.js'
import {type TunnelMark, tunnelMark} from '../vpn/tunnel-switch.js'
import {publishedAt, type ControlServer} from '../vpn/gluetun.js'
import type {Setting} from '../config/homelab.js'

/** A stack as its files say now, and what its gateway is asked with. */
export type VpnSource = () => Promise<{
  readonly stack: DeclaredStack
  readonly engine: DiagnosedEngine
  readonly apiKey: string | undefined
}>

/** A gateway that runs. */
export type WatchedGateway = {
  readonly stack: DeclaredStack
  readonly gateway: string
  readonly container: ObservedContainer
  readonly engine: DiagnosedEngine
  /** What it was made with. */
  readonly settings: Settings
  /** undefined: it publishes none. */
  readonly server: ControlServer | undefined
  readonly mark: TunnelMark
}

type Remembered = {
  /** undefined: it does not run. */
  now(signal: AbortSignal): Promise<WatchedGateway | undefined>
  /** Its last answer was none: it may have another container by now. */
  doubt(doubted: boolean): void
}

type Parts = {
  readonly setting: Setting
  /** The state folder. */
  readonly folder: string
  /** Which gateway of the stack; undefined: there is none of this kind. */
  readonly which: (stack: DeclaredStack) => string | undefined
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

async function find(source: VpnSource, {setting, folder, which, now}: Parts, signal: AbortSignal): Promise<WatchedGateway | undefined> {
  const {stack, engine, apiKey} = await source()
  const gateway = which(stack)
  if (gateway === undefined) return undefined
  const container = (await engine.observe(stack, {partial: true}, signal)).containers.get(gateway)
  if (container?.state !== 'running') return undefined
  const url = setting.configuration.vpn.control ?? publishedAt(container)
  const mark = tunnelMark(folder, {stack: stack.name, gateway, doing: 'homelab watch'}, () => new Date(now()))
  const settings = container.settings ?? stack.services.get(gateway)?.settings ?? new Map<string, string>()
  return {stack, gateway, container, engine, settings, server: url === undefined ? undefined : {url, apiKey}, mark}
}
