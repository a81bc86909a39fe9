import {setTimeout as sleep} from 'node:timers/promises'
import {steadyClock} from '../model/clock.js'
import {OperatorError} from '../model/operator-error.js'
import type {Listens} from './listening.js'
import type {QBittorrent} from './qbittorrent.js'
import {isRead} from './reading.js'

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
