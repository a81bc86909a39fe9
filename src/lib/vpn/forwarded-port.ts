import {setTimeout as sleep} from 'node:timers/promises'
import type {DiagnosedEngine} from '../docker/engine.js'
import {steadyClock} from '../model/clock.js'
import type {ObservedContainer} from '../model/container.js'
import type {DeclaredStack} from '../model/stack.js'
import {OperatorError} from '../util/errors.js'
import {isRead} from './gluetun.js'
import {type Listens, listener} from './listening-ports.js'
import {type QBittorrent, qBittorrent, torrentClient, tunnelInterface} from './qbittorrent.js'

type PortSync = {
  readonly client: QBittorrent
  /** Never 0: who calls this has read a port. */
  readonly port: number
  /** "tun0" */
  readonly tunnel: string
  /** undefined: the kernel does not tell. */
  readonly listens: Listens
  readonly now: () => number
}

const EVERY_MS = 500
const VERIFY_MS = 10_000

/** Writes the port into qBittorrent, and waits until it is seen to listen there. @throws OperatorError if it does not. */
export async function syncPort({client, port, tunnel, listens, now}: PortSync, signal: AbortSignal): Promise<void> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`${port} is no port`)
  const done = await client.listen(port, tunnel)
  if (!isRead(done))
    throw new OperatorError(`${done.says}: its port was not set.`, {
      next: ['Options > Web UI > "Bypass authentication for clients on localhost"', 'homelab vpn port'],
    })
  const clock = steadyClock(now)
  for (const deadline = clock() + VERIFY_MS; ;) {
    const set = await client.preferences()
    const heard = listens(port)
    if (isRead(set) && set.value.port === port && heard !== false) return
    if (clock() >= deadline)
      throw new OperatorError(`qBittorrent took port ${port}, and does not listen there after ${VERIFY_MS / 1000} s.`, {
        next: [`Is ${tunnel} the tunnel's interface? homelab vpn check`, 'homelab stack <stack> restart qbittorrent'],
      })
    await sleep(EVERY_MS, undefined, {signal})
  }
}

/** The torrent client behind a gateway, and how its port is seen and set. */
export type PortHands = {
  readonly service: string
  readonly client: QBittorrent
  /** "tun0" */
  readonly tunnel: string
  /** undefined: the kernel does not tell, as on another machine, or to somebody who is not root. */
  readonly listens: Listens
}

const GIVE_UP_MS = 8_000

/** undefined: there is no qBittorrent behind it. */
export function portHands(
  stack: DeclaredStack,
  gateway: ObservedContainer,
  engine: DiagnosedEngine,
  signal: AbortSignal,
  /** Milliseconds after which a question that hangs is given up. */
  giveUp = GIVE_UP_MS,
): PortHands | undefined {
  const found = torrentClient(stack, gateway.service)
  if (found === undefined) return undefined
  return {
    service: found.service,
    client: qBittorrent((argv) => engine.execute(gateway.id, argv, giveUp, signal), found.port),
    tunnel: tunnelInterface(gateway.settings ?? stack.services.get(gateway.service)?.settings),
    // A namespace that we are not shown may be another machine's, whose processes have other numbers.
    listens: gateway.namespace === undefined ? () => undefined : listener(gateway.pid),
  }
}

/** One look at the forwarded port. */
export type PortReading = {
  /** undefined: Gluetun could not be asked, or none is forwarded. */
  readonly forwarded: number | undefined
  /** Whether somebody listens there; undefined: the kernel does not tell. */
  readonly listens: boolean | undefined
  /** The tunnel's interface, by the gateway's process and its number in there; undefined: the kernel does not tell. */
  readonly tunnel: TunnelInterface | undefined
}

type TunnelInterface = {readonly process: number; readonly index: number}

/** What the watcher knows between two looks. */
export type PortMemory = {
  readonly last: PortReading
  /** The port that qBittorrent was last seen to have. */
  readonly set: number | undefined
  /** The interface that qBittorrent is bound to: the one that there was when it was set, or when the watch began. */
  readonly bound: TunnelInterface | undefined
  /** How often in a row it could not be set, and when it may be tried again: epoch milliseconds. */
  readonly failures: number
  readonly notBefore: number
}

export const NO_PORT: PortMemory = {
  ...{last: {forwarded: undefined, listens: undefined, tunnel: undefined}, set: undefined, bound: undefined, failures: 0, notBefore: 0},
}

/** What is to be done now; `because` in words. */
type PortDecision = {readonly is: 'rest'} | {readonly is: 'sync'; readonly port: number; readonly because: string}

/**
 * Pure. Ports flap: one counts that was read twice in a row. Without one nothing is written: never 0. Where the kernel does
 * not tell who listens, a port is set once. After a reconnect inside Gluetun qBittorrent listens still, on an interface that
 * is gone: it is set again.
 */
export function decidePort(now: PortReading, memory: PortMemory, at: number): PortDecision {
  const {forwarded, listens} = now
  if (forwarded === undefined || forwarded !== memory.last.forwarded || at < memory.notBefore) return {is: 'rest'}
  if (isRemade(now, memory)) return {is: 'sync', port: forwarded, because: 'the tunnel has another interface since it was reconnected'}
  if (listens === true) return {is: 'rest'}
  if (listens === false)
    return memory.last.listens === false
      ? {is: 'sync', port: forwarded, because: `nobody listens on port ${forwarded}, which is forwarded`}
      : {is: 'rest'}
  return memory.set === forwarded ? {is: 'rest'} : {is: 'sync', port: forwarded, because: `port ${forwarded} is forwarded`}
}

/** In the same process: a gateway that was started again has had everybody behind it started again, too. */
function isRemade({tunnel}: PortReading, {bound}: PortMemory): boolean {
  return tunnel !== undefined && bound !== undefined && tunnel.process === bound.process && tunnel.index !== bound.index
}

/** A look that changed nothing. Pure. */
export const afterLook = (memory: PortMemory, last: PortReading): PortMemory => ({
  ...{...memory, last},
  bound: memory.bound !== undefined && memory.bound.process === (last.tunnel ?? memory.bound).process ? memory.bound : last.tunnel,
})

/** Whether it is worth another look soon: something differs from before, or nobody listens. Pure. */
export const isSuspicious = (now: PortReading, memory: PortMemory, at: number): boolean =>
  at >= memory.notBefore &&
  now.forwarded !== undefined &&
  (now.forwarded !== memory.last.forwarded || now.listens === false || isRemade(now, memory))

const FIRST_MS = 5_000
const MOST_MS = 300_000

/** After an attempt. @param done Whether it was seen to listen. */
export function afterSync(memory: PortMemory, port: number, done: boolean, at: number): PortMemory {
  if (done) return {...memory, set: port, bound: memory.last.tunnel, failures: 0, notBefore: 0}
  return {...memory, failures: memory.failures + 1, notBefore: at + Math.min(MOST_MS, FIRST_MS * 2 ** memory.failures)}
}
