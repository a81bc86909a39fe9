/** What is remembered of our own attempts to get a better tunnel. `notBefore`: epoch milliseconds. */
export type ReconnectMemory = {readonly attempts: number; readonly notBefore: number}

export const NO_RECONNECT: ReconnectMemory = {attempts: 0, notBefore: 0}

/** What is known of the gateway when a reconnect is wished for; undefined: it could not be asked. */
export type ReconnectView = {
  /** By its health check. */
  readonly healthy: boolean
  readonly state: string | undefined
  /** '' while Gluetun has no tunnel that works. */
  readonly exit: string | undefined
  /** What lies in the variable that switches it, where it is off: everything behind it would leave beside the tunnel. */
  readonly firewallOff: string | undefined
}

type ReconnectDecision = {readonly is: 'reconnect'} | {readonly is: 'wait' | 'refuse'; readonly because: string}

/**
 * Pure. Gluetun finds out by itself after some two minutes, and then reconnects every few seconds: its container is
 * unhealthy, and its address unknown. Two who reconnect at once have none.
 */
export function decideReconnect(
  {healthy, state, exit, firewallOff}: ReconnectView,
  memory: ReconnectMemory,
  at: number,
): ReconnectDecision {
  // One that lies further ahead than any pause is from before the clock was set back.
  if (at < memory.notBefore && memory.notBefore - at <= MOST_MS) return {is: 'wait', because: 'it was tried before'}
  if (firewallOff !== undefined) return {is: 'refuse', because: `${firewallOff}: meanwhile everything would leave beside the tunnel`}
  if (state === undefined) return {is: 'refuse', because: 'Gluetun cannot be asked for it'}
  if (state !== 'running') return {is: 'wait', because: `the tunnel is ${state}`}
  if (!healthy || exit === '') return {is: 'wait', because: 'Gluetun reconnects by itself'}
  return {is: 'reconnect'}
}

const FIRST_MS = 300_000
const MOST_MS = 3_600_000

/** After an attempt, whatever came of it. Pure. */
export const reconnected = ({attempts}: ReconnectMemory, at: number): ReconnectMemory => ({
  attempts: attempts + 1,
  notBefore: at + Math.min(MOST_MS, FIRST_MS * 2 ** attempts),
})

/** All is well. Pure. One that comes and goes is not reconnected more often for that. */
export const recovered = ({notBefore}: ReconnectMemory): ReconnectMemory => ({attempts: 0, notBefore})
