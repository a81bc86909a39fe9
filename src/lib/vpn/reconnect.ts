import {setTimeout as sleep} from 'node:timers/promises'
import {steadyClock} from '../model/clock.js'
import type {Patience} from './ask.js'
import {isRead, type ExitAddress, type Reading} from './reading.js'
import {readTunnel} from './tunnel.js'
import {whileDown, type TunnelSwitch} from './tunnel-switch.js'

/** `say` is told what happens. */
type Reconnect = TunnelSwitch & {readonly say: (text: string) => void}

const EVERY_MS = 500

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
