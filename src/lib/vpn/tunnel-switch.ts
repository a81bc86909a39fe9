import {setTimeout as sleep} from 'node:timers/promises'
import {steadyClock} from '../model/clock.js'
import {OperatorError} from '../model/operator-error.js'
import type {TunnelMark} from '../model/tunnel-mark.js'
import {ask} from './ask.js'
import type {ControlServer} from './control-server.js'
import {isRead, type TunnelState} from './reading.js'
import {remedy} from './remedy.js'
import {readState} from './tunnel.js'

/** How the tunnel is switched: through the control server, so that the container, and everybody's network namespace, stays. */
export type TunnelSwitch = {
  readonly server: ControlServer
  /** Milliseconds for one answer. */
  readonly answer: number
  /** Milliseconds until a tunnel that was started has to run. */
  readonly limit: number
  readonly now: () => number
  /** Set for as long as it is down. */
  readonly mark: TunnelMark
}

const EVERY_MS = 500
/**
 * Milliseconds that a tunnel may take to stop. Gluetun answers when its question to the provider for the port has ended,
 * which takes 128 s of a server that is silent (measured with v3.41.1).
 */
const STOP_MS = 150_000

/**
 * Takes the tunnel down for the time of `work`, and brings it back, whatever happens in between: a Ctrl-C, too, waits for that.
 * Who is killed leaves the mark, for `bringBack`.
 * @throws OperatorError if Gluetun refuses, if somebody else switches it (75), or the tunnel does not run again in time;
 *   whatever `work` throws.
 */
export const whileDown = <T>(tunnel: TunnelSwitch, signal: AbortSignal, work: () => Promise<T>): Promise<T> =>
  tunnel.mark.alone(async () => {
    await tunnel.mark.set()
    try {
      await put(tunnel, 'stopped', signal)
      await until(tunnel, ['stopped', 'completed', 'crashed'], STOP_MS, signal)
      return await work()
    } finally {
      // No signal ends this.
      const always = new AbortController().signal
      await start(tunnel, always)
      await runs(tunnel, always)
    }
  })

/**
 * Starts a tunnel that a process took down and was killed before it brought it back.
 * @returns whether it was down.
 * @throws OperatorError as `whileDown` does.
 */
export async function bringBack(tunnel: TunnelSwitch, signal: AbortSignal): Promise<boolean> {
  const {mark, server, answer} = tunnel
  if (!(await mark.isSet())) return false
  return mark.alone(async () => {
    // Whoever held the lock has cleared it meanwhile, unless it was killed, too.
    if (!(await mark.isSet())) return false
    const state = await readState(server, {signal, limit: answer})
    const down = !isRead(state) || state.value !== 'running'
    if (down) await put(tunnel, 'running', signal)
    await runs(tunnel, signal)
    return down
  })
}

/** A refusal leaves a tunnel that was never stopped: then there is nothing to bring back. */
async function start(tunnel: TunnelSwitch, signal: AbortSignal): Promise<void> {
  try {
    await put(tunnel, 'running', signal)
  } catch (error) {
    const state = await readState(tunnel.server, {signal, limit: tunnel.answer})
    if (isRead(state) && state.value === 'running') await tunnel.mark.clear()
    throw error
  }
}

async function runs(tunnel: TunnelSwitch, signal: AbortSignal): Promise<void> {
  await until(tunnel, ['running'], tunnel.limit, signal)
  await tunnel.mark.clear()
}

async function put({server, answer}: TunnelSwitch, status: TunnelState, signal: AbortSignal): Promise<void> {
  const question = {method: 'PUT', path: '/v1/vpn/status', body: {status}} as const
  const done = await ask(server, question, (found) => (typeof found === 'object' && found !== null ? true : undefined), {
    signal,
    // It answers when it is done.
    limit: Math.max(answer, STOP_MS),
  })
  if (isRead(done)) return
  throw new OperatorError(`Gluetun could not be told to be ${status}: ${done.says}.`, {
    next: remedy(done.why, server.apiKey !== undefined, undefined),
  })
}

async function until(tunnel: TunnelSwitch, wanted: readonly TunnelState[], limit: number, signal: AbortSignal): Promise<void> {
  const {server, answer, now} = tunnel
  const clock = steadyClock(now)
  const deadline = clock() + limit
  for (;;) {
    const state = await readState(server, {signal, limit: answer})
    if (isRead(state) && wanted.includes(state.value)) return
    if (clock() >= deadline) {
      const is = isRead(state) ? `is ${state.value}` : `could not be asked for: ${state.says}`
      throw new OperatorError(`The tunnel ${is}, ${limit / 1000} s after it should be ${wanted[0] ?? ''}.`, {
        next: ['homelab vpn logs -n 50', 'homelab vpn status'],
      })
    }
    await sleep(EVERY_MS, undefined, {signal})
  }
}
