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
