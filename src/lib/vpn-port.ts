import type {DiagnosedEngine} from './engine/engine.js'
import type {DeclaredStack} from './model/declared.js'
import type {ObservedContainer} from './model/observed.js'
import {listener, type Listens} from './vpn/listening.js'
import {qBittorrent, type QBittorrent} from './vpn/qbittorrent.js'
import {torrentClient, tunnelInterface} from './vpn/torrent-client.js'

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
