import {setTimeout as sleep} from 'node:timers/promises'
import {OperatorError} from '../model/operator-error.js'
import {ask, type Patience} from './ask.js'
import type {ControlServer} from './control-server.js'
import {isRead, type ExitAddress, type Reading, type TunnelState} from './reading.js'
import {remedy} from './remedy.js'
import {readTunnel, readState} from './tunnel.js'

type Reconnect = {
  readonly server: ControlServer
  /** Milliseconds for one answer. */
  readonly answer: number
  /** Milliseconds until the new tunnel has to have an address. */
  readonly limit: number
  readonly now: () => number
  /** Told what happens. */
  readonly say: (text: string) => void
}

const EVERY_MS = 500
/** Milliseconds that a tunnel may take to stop. */
const STOP_MS = 20_000

/** Where the tunnel came out before, and comes out now; undefined: Gluetun did not know. */
export type Reconnected = {readonly before: ExitAddress | undefined; readonly after: ExitAddress | undefined}

/**
 * A new tunnel: stopped and started through the control server, so that the container, and with it everybody's network
 * namespace, stays. Gluetun's firewall lets nothing out meanwhile. Once it is stopped it is started again, whatever happens.
 * @throws OperatorError if Gluetun refuses, or has no new tunnel in time.
 */
export async function reconnect(options: Reconnect, signal: AbortSignal): Promise<Reconnected> {
  const {server, answer, say} = options
  const before = addressOf((await readTunnel(server, {signal, limit: answer})).exit)
  try {
    await put(options, 'stopped', signal)
    await until(options, ['stopped', 'completed', 'crashed'], STOP_MS, signal)
    say('the tunnel is stopped')
  } finally {
    // Not the caller's signal: a Ctrl-C must not leave it stopped.
    await put(options, 'running', new AbortController().signal)
  }
  await until(options, ['running'], options.limit, signal)
  say('a new tunnel runs')
  return {before, after: await newAddress(options, signal)}
}

const addressOf = (exit: Reading<ExitAddress>): ExitAddress | undefined => (isRead(exit) && exit.value.ip !== '' ? exit.value : undefined)

async function put({server, answer}: Reconnect, status: TunnelState, signal: AbortSignal): Promise<void> {
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

async function until(options: Reconnect, wanted: readonly TunnelState[], limit: number, signal: AbortSignal): Promise<void> {
  const {server, answer, now} = options
  const deadline = now() + limit
  for (;;) {
    const state = await readState(server, {signal, limit: answer})
    if (isRead(state) && wanted.includes(state.value)) return
    if (now() >= deadline) {
      const is = isRead(state) ? `is ${state.value}` : `could not be asked for: ${state.says}`
      throw new OperatorError(`The tunnel ${is}, ${limit / 1000} s after it should be ${wanted[0] ?? ''}.`, {
        next: ['homelab vpn logs -n 50', 'homelab vpn status'],
      })
    }
    await sleep(EVERY_MS, undefined, {signal})
  }
}

/** Gluetun asks for it when the tunnel is up, which takes some seconds. */
async function newAddress({server, answer, limit, now}: Reconnect, signal: AbortSignal): Promise<ExitAddress | undefined> {
  const patience: Patience = {signal, limit: answer}
  const deadline = now() + limit
  for (;;) {
    const found = addressOf((await readTunnel(server, patience)).exit)
    if (found !== undefined || now() >= deadline) return found
    await sleep(EVERY_MS, undefined, {signal})
  }
}
