import {access} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {steadyClock} from '../model/clock.js'
import {writeAtomically, makeFolder, removeDurably} from '../storage/atomic-file.js'
import {usable} from '../storage/json-file.js'
import {exclusively} from '../storage/lock.js'
import {OperatorError} from '../util/errors.js'
import {
  ask,
  type ControlServer,
  isRead,
  type TunnelState,
  remedy,
  readState,
  type Patience,
  type ExitAddress,
  type Reading,
  readTunnel,
} from './gluetun.js'

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

/** `say` is told what happens. */
type Reconnect = TunnelSwitch & {readonly say: (text: string) => void}

/** Where the tunnel came out before, and comes out now; undefined: Gluetun did not know. */
export type Reconnected = {readonly before: ExitAddress | undefined; readonly after: ExitAddress | undefined}

/**
 * A new tunnel. Gluetun's firewall lets nothing out meanwhile. Once it is stopped it is started again, whatever happens.
 * @throws OperatorError if Gluetun refuses, or has no new tunnel in time.
 */
export async function reconnect(options: Reconnect, signal: AbortSignal): Promise<Reconnected> {
  const {server, answer, say} = options
  const before = addressOf((await readTunnel(server, {signal, limit: answer})).exit)
  await whileDown(options, signal, () => Promise.resolve(say('the tunnel is stopped')))
  signal.throwIfAborted()
  say('a new tunnel runs')
  return {before, after: await newAddress(options, signal)}
}

const addressOf = (exit: Reading<ExitAddress>): ExitAddress | undefined => (isRead(exit) && exit.value.ip !== '' ? exit.value : undefined)

/** Gluetun asks for it when the tunnel is up, which takes some seconds. */
async function newAddress({server, answer, limit, now}: Reconnect, signal: AbortSignal): Promise<ExitAddress | undefined> {
  const patience: Patience = {signal, limit: answer}
  const clock = steadyClock(now)
  const deadline = clock() + limit
  for (;;) {
    const found = addressOf((await readTunnel(server, patience)).exit)
    if (found !== undefined || clock() >= deadline) return found
    await sleep(EVERY_MS, undefined, {signal})
  }
}

/** That somebody took a gateway's tunnel down, and is to bring it back. Each call throws an OperatorError (78) that names the file. */
export type TunnelMark = {
  /** After its process was killed: until the tunnel is brought back. */
  isSet(): Promise<boolean>
  /** On disk when it returns. */
  set(): Promise<void>
  clear(): Promise<void>
  /** Runs `work` while no other process switches this tunnel. @throws OperatorError (75) if one does; whatever `work` throws. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

type Marked = {readonly stack: string; readonly gateway: string; /** "homelab vpn reconnect" */ readonly doing: string}

/** Seconds. Who reconnects is done in a few; who waits longer does not do what was asked for. */
const WAIT_S = 2

/** The file `<folder>/vpn/<stack>-<gateway>.down`. */
export function tunnelMark(folder: string, {stack, gateway, doing}: Marked, now: () => Date): TunnelMark {
  const name = `${stack}-${gateway}`
  const file = path.join(folder, 'vpn', `${name}.down`)
  const lock = path.join(folder, 'locks', `vpn-${name}.lock`)
  const named = <T>(work: () => Promise<T>): Promise<T> => usable(`The mark of a tunnel that is down, ${file},`, work)
  return {
    isSet: () => named(() => exists(file)),
    set: () =>
      named(async () => {
        await makeFolder(path.dirname(file))
        await writeAtomically(file, `${doing} (since ${now().toISOString()})\n`, 0o644)
      }),
    clear: () => named(async () => void (await removeDurably(file))),
    alone: (work) => exclusively(lock, {doing, what: `The tunnel of ${gateway}`, wait: WAIT_S, now}, work),
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
