/** One look at the forwarded port. */
export type PortReading = {
  /** undefined: Gluetun could not be asked, or none is forwarded. */
  readonly forwarded: number | undefined
  /** Whether somebody listens there; undefined: the kernel does not tell. */
  readonly listens: boolean | undefined
}

/** What the watcher knows between two looks. */
export type PortMemory = {
  readonly last: PortReading
  /** The port that qBittorrent was last seen to have. */
  readonly set: number | undefined
  /** How often in a row it could not be set, and when it may be tried again: epoch milliseconds. */
  readonly failures: number
  readonly notBefore: number
}

export const NO_PORT: PortMemory = {last: {forwarded: undefined, listens: undefined}, set: undefined, failures: 0, notBefore: 0}

/** What is to be done now; `because` in words. */
type PortDecision = {readonly is: 'rest'} | {readonly is: 'sync'; readonly port: number; readonly because: string}

/**
 * Pure. Ports flap: one counts that was read twice in a row. Without one nothing is written: never 0. Where the kernel does
 * not tell who listens, a port is set once.
 */
export function decidePort(now: PortReading, memory: PortMemory, at: number): PortDecision {
  const {forwarded, listens} = now
  if (forwarded === undefined || forwarded !== memory.last.forwarded || at < memory.notBefore) return {is: 'rest'}
  if (listens === true) return {is: 'rest'}
  if (listens === false)
    return memory.last.listens === false
      ? {is: 'sync', port: forwarded, because: `nobody listens on port ${forwarded}, which is forwarded`}
      : {is: 'rest'}
  return memory.set === forwarded ? {is: 'rest'} : {is: 'sync', port: forwarded, because: `port ${forwarded} is forwarded`}
}

/** Whether it is worth another look soon: something differs from before, or nobody listens. Pure. */
export const isSuspicious = (now: PortReading, memory: PortMemory, at: number): boolean =>
  at >= memory.notBefore && now.forwarded !== undefined && (now.forwarded !== memory.last.forwarded || now.listens === false)

const FIRST_MS = 5_000
const MOST_MS = 300_000

/** After an attempt. @param done Whether it was seen to listen. */
export function afterSync(memory: PortMemory, port: number, done: boolean, at: number): PortMemory {
  if (done) return {...memory, set: port, failures: 0, notBefore: 0}
  return {...memory, failures: memory.failures + 1, notBefore: at + Math.min(MOST_MS, FIRST_MS * 2 ** memory.failures)}
}
