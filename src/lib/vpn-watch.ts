import {failed, noted, type Deed, type Notebook} from './apply/noted.js'
import type {Setting} from './base-command.js'
import {gatewaysOf, type DeclaredStack} from './model/declared.js'
import type {PortReading} from './plan/vpn/port.js'
import type {Patience} from './vpn/ask.js'
import type {ControlServer} from './vpn/control-server.js'
import {interfaceIndex} from './vpn/counters.js'
import {syncPort} from './vpn/port-sync.js'
import {isRead} from './vpn/reading.js'
import {torrentClient} from './vpn/torrent-client.js'
import {readPorts} from './vpn/tunnel.js'
import type {PortRoom} from './watch/vpn-watcher.js'
import {portHands, type PortHands} from './vpn-port.js'
import {rememberedGateway, type VpnSource, type WatchedGateway} from './watched-gateway.js'

const NOTHING: PortReading = {forwarded: undefined, listens: undefined, tunnel: undefined}

type RoomParts = {
  readonly setting: Setting
  /** The state folder. */
  readonly folder: string
  readonly book: Omit<Notebook, 'signal'>
}

/**
 * The gateway of a stack that has a qBittorrent behind it. A look costs one question to Gluetun, and a file or two of the
 * kernel's.
 */
export function portRoom(source: VpnSource, {setting, folder, book}: RoomParts): PortRoom {
  const {now} = book
  const answer = setting.configuration.vpn.timeout * 1000
  const which = (stack: DeclaredStack) => gatewaysOf(stack).find((name) => torrentClient(stack, name) !== undefined)
  const remembered = rememberedGateway(source, {setting, folder, which, now})
  let known: {readonly at: WatchedGateway | undefined; readonly client: Client | undefined} | undefined
  const asked = async (signal: AbortSignal): Promise<Client | undefined> => {
    const at = await remembered.now(signal)
    if (known === undefined || known.at !== at) known = {at, client: at && clientOf(at, signal)}
    return known.client
  }
  return {
    read: async (signal) => {
      const at = await asked(signal)
      if (at === undefined) return NOTHING
      const reading = await readAt(at, {signal, limit: answer})
      // A gateway that was started again has another process; one that does not answer may be gone.
      remembered.doubt(reading.listens === undefined)
      return reading
    },
    sync: async (wanted, signal) => {
      const at = await asked(signal)
      if (at !== undefined) await set(at, wanted, {...book, signal})
    },
  }
}

/** A gateway that can be asked, and the qBittorrent behind it. */
type Client = WatchedGateway & {readonly server: ControlServer; readonly hands: PortHands}

function clientOf(at: WatchedGateway, signal: AbortSignal): Client | undefined {
  const hands = portHands(at.stack, at.container, at.engine, signal)
  return hands && at.server && {...at, server: at.server, hands}
}

async function readAt({server, hands, container}: Client, patience: Patience): Promise<PortReading> {
  const ports = await readPorts(server, patience)
  const [forwarded] = isRead(ports) ? ports.value : []
  if (forwarded === undefined) return NOTHING
  const index = container.namespace === undefined ? undefined : interfaceIndex(container.pid, hands.tunnel)
  return {forwarded, listens: hands.listens(forwarded), tunnel: index === undefined ? undefined : {process: container.pid, index}}
}

/** What fails again and again is written down once. */
async function set({stack, hands}: Client, {port, because, again}: Parameters<PortRoom['sync']>[0], book: Notebook): Promise<void> {
  const deed: Deed = {stack: stack.name, verb: 'port', by: 'watch', trigger: because, action: 'set-port', target: hands.service}
  const sync = () => syncPort({...hands, port, now: book.now}, book.signal)
  await noted(deed, book, sync, (came) => {
    if ('done' in came) return {result: 'done', summary: `qBittorrent listens on port ${port}`}
    return again ? undefined : failed(came.error)
  })
}
