import {failed, noted, type Deed, type Notebook} from '../journal/recorder.js'
import {firewallSetting, isOn} from '../model/gateway-settings.js'
import {exitCode, OperatorError} from '../util/errors.js'
import type {PortsSeen} from '../vpn/portless.js'
import type {ReconnectView} from '../vpn/reconnects.js'
import type {Asked} from '../vpn/traffic.js'
import {askThrough} from '../vpn/ask-through.js'
import {type ControlServer, isRead, type Reading, readPorts, readState, readTunnel} from '../vpn/gluetun.js'
import {packets} from '../vpn/counters.js'
import {reconnect, bringBack} from '../vpn/tunnel-switch.js'
import {tunnelInterface} from '../vpn/qbittorrent.js'
import {countInside} from '../vpn/observe-traffic.js'
import type {TunnelRoom} from './tunnel-watcher.js'
import {rememberedGateway, type VpnSource, type WatchedGateway} from './gateway-cache.js'
import type {Setting} from '../config/homelab.js'

type RoomParts = {
  readonly setting: Setting
  /** The state folder. */
  readonly folder: string
  readonly gateway: string
  readonly book: Omit<Notebook, 'signal'>
}

/** Seconds that each question through the tunnel may take: two in a row are certainty, and 40 s are all there is. */
const ASK_S = 3
/** Milliseconds until a new tunnel has to run, and to know its address. */
const RECONNECT_MS = 60_000

/** A gateway of a stack. A look costs a file of the kernel's; a question runs a program in the gateway's container. */
export function tunnelRoom(source: VpnSource, {setting, folder, gateway, book}: RoomParts): TunnelRoom {
  const {through, timeout} = setting.configuration.vpn
  const limit = timeout * 1000
  const remembered = rememberedGateway(source, {setting, folder, which: () => gateway, now: book.now})
  /** @throws OperatorError: it went away since the look. */
  const present = async (signal: AbortSignal): Promise<WatchedGateway> => {
    const at = await remembered.now(signal)
    if (at === undefined) throw new OperatorError(`${gateway} does not run any more.`)
    return at
  }
  return {
    bringBack: async (signal) => {
      const at = await remembered.now(signal)
      if (at?.server === undefined || !(await at.mark.isSet())) return false
      return restore(at, at.server, limit, {...book, signal})
    },
    look: async (signal) => {
      const at = await remembered.now(signal)
      if (at === undefined || (await at.mark.isSet())) return undefined
      const counters = countersOf(at)
      // A gateway that was started again has another process.
      remembered.doubt(counters === undefined)
      return {counters}
    },
    isWanted: async (signal) => {
      const {server} = await present(signal)
      const state = server && (await readState(server, {signal, limit}))
      // What cannot be asked may well be what is wrong.
      return state === undefined || !isRead(state) || state.value === 'running'
    },
    ask: async (signal) => askAt(await present(signal), through, signal),
    ports: async (signal) => portsAt(await present(signal), limit, signal),
    view: async (signal) => viewOf(await present(signal), limit, signal),
    reconnect: async (because, signal) => reconnectAt(await present(signal), because, limit, {...book, signal}),
  }
}

/** Milliseconds until a tunnel that was started has to run. */
const BACK_MS = 60_000

function restore({stack, gateway, mark}: WatchedGateway, server: ControlServer, answer: number, book: Notebook): Promise<boolean> {
  const trigger = 'a command was killed that had taken it down'
  const deed: Deed = {stack: stack.name, verb: 'tunnel', by: 'watch', trigger, action: 'bring-back', target: gateway}
  const back = () => bringBack({server, answer, limit: BACK_MS, now: book.now, mark}, book.signal).catch(falseIfBusy)
  return noted(deed, book, back, (came) => ('done' in came && came.done ? {result: 'done', summary: 'the tunnel runs again'} : undefined))
}

/** The command that took it down lives, and brings it back itself. */
function falseIfBusy(error: unknown): false {
  if (error instanceof OperatorError && error.exitCode === exitCode.busy) return false
  throw error
}

/** The kernel shows the counters of another's namespace to root alone, and those of another machine to nobody. */
const countersOf = ({container, settings}: WatchedGateway): ReturnType<typeof packets> =>
  container.namespace === undefined ? undefined : packets(container.pid, tunnelInterface(settings))

async function askAt({engine, container, settings}: WatchedGateway, targets: readonly string[], signal: AbortSignal): Promise<Asked> {
  const run = (argv: readonly string[], most: number, either: AbortSignal) => engine.execute(container.id, argv, most, either)
  const count = () => countInside(engine, container, tunnelInterface(settings), signal)
  const before = container.namespace === undefined ? await count() : undefined
  const answer = await askThrough({run, targets, seconds: ASK_S}, signal)
  if ('answered' in answer) return 'answered'
  if (!answer.attempts.some(({is}) => is === 'blocked')) return 'unclear'
  // Where the watcher sees the counters, it compares them itself.
  const after = before && (await count())
  return before !== undefined && after !== undefined && after.received > before.received ? 'unclear' : 'nothing'
}

async function portsAt({server, settings}: WatchedGateway, limit: number, signal: AbortSignal): Promise<PortsSeen> {
  if (!isOn(settings.get('VPN_PORT_FORWARDING'))) return 'off'
  if (server === undefined) return 'unknown'
  const [state, ports] = await Promise.all([readState(server, {signal, limit}), readPorts(server, {signal, limit})])
  if (isRead(state) && state.value !== 'running') return 'off'
  if (!isRead(state) || !isRead(ports)) return 'unknown'
  return ports.value.length > 0 ? 'some' : 'none'
}

async function viewOf({server, settings, engine, container}: WatchedGateway, limit: number, signal: AbortSignal): Promise<ReconnectView> {
  const firewall = firewallSetting(settings)
  const [now, tunnel] = await Promise.all([engine.inspect(container.id, signal), server && readTunnel(server, {signal, limit})])
  return {
    // Without a health check nothing speaks against it.
    healthy: now?.health === 'healthy' || now?.health === 'none',
    state: known(tunnel?.state),
    exit: known(tunnel?.exit)?.ip,
    firewallOff: firewall === undefined || firewall.on ? undefined : `${firewall.name} is ${firewall.value}`,
  }
}

const known = <T>(reading: Reading<T> | undefined): T | undefined => (reading !== undefined && isRead(reading) ? reading.value : undefined)

async function reconnectAt(
  {stack, gateway, server, mark}: WatchedGateway,
  because: string,
  limit: number,
  book: Notebook,
): Promise<string> {
  if (server === undefined) throw new OperatorError(`${gateway} publishes no control server to this machine.`)
  const deed = {stack: stack.name, verb: 'tunnel', by: 'watch', trigger: because, action: 'reconnect', target: gateway} as const
  const options = {server, mark, now: book.now, answer: limit, limit: RECONNECT_MS, say: () => undefined}
  const exits = (ip: string | undefined): string => `exit IP ${ip ?? 'not known yet'}`
  const done = await noted(
    deed,
    book,
    () => reconnect(options, book.signal),
    (came) => ('error' in came ? failed(came.error) : {result: came.done.after ? 'done' : 'failed', summary: exits(came.done.after?.ip)}),
  )
  return exits(done.after?.ip)
}
