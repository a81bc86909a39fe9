import {failed, noted, type Deed, type Notebook} from './apply/noted.js'
import type {Setting} from './base-command.js'
import {exitCode, OperatorError} from './model/operator-error.js'
import type {PortReading} from './plan/vpn/port.js'
import type {Patience} from './vpn/ask.js'
import {syncPort} from './vpn/port-sync.js'
import {isRead} from './vpn/reading.js'
import {readPorts} from './vpn/tunnel.js'
import {bringBack} from './vpn/tunnel-switch.js'
import type {PortRoom} from './watch/vpn-watcher.js'
import {rememberedGateway, type VpnSource, type WatchedGateway} from './watched-gateway.js'

const NOTHING: PortReading = {forwarded: undefined, listens: undefined}

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
  const remembered = rememberedGateway(source, {setting, folder, now})
  return {
    bringBack: async (signal) => {
      const at = await remembered.now(signal)
      return at !== undefined && (await at.mark.isSet()) && restore(at, answer, {...book, signal})
    },
    read: async (signal) => {
      const at = await remembered.now(signal)
      if (at === undefined) return NOTHING
      const reading = await readAt(at, {signal, limit: answer})
      // A gateway that was started again has another process; one that does not answer may be gone.
      remembered.doubt(reading.listens === undefined)
      return reading
    },
    sync: async (wanted, signal) => {
      const at = await remembered.now(signal)
      if (at !== undefined) await set(at, wanted, {...book, signal})
    },
  }
}

async function readAt({server, hands}: WatchedGateway, patience: Patience): Promise<PortReading> {
  const ports = await readPorts(server, patience)
  const [forwarded] = isRead(ports) ? ports.value : []
  if (forwarded === undefined) return NOTHING
  return {forwarded, listens: hands.listens(forwarded)}
}

/** Milliseconds until a tunnel that was started has to run. */
const BACK_MS = 60_000

function restore({stack, gateway, server, mark}: WatchedGateway, answer: number, book: Notebook): Promise<boolean> {
  const trigger = 'a command was killed that had taken it down'
  const deed: Deed = {stack, verb: 'tunnel', by: 'watch', trigger, action: 'bring-back', target: gateway}
  const back = () => bringBack({server, answer, limit: BACK_MS, now: book.now, mark}, book.signal).catch(falseIfBusy)
  return noted(deed, book, back, (came) => ('done' in came && came.done ? {result: 'done', summary: 'the tunnel runs again'} : undefined))
}

/** The command that took it down lives, and brings it back itself. */
function falseIfBusy(error: unknown): false {
  if (error instanceof OperatorError && error.exitCode === exitCode.busy) return false
  throw error
}

/** What fails again and again is written down once. */
async function set({stack, hands}: WatchedGateway, {port, because, again}: Parameters<PortRoom['sync']>[0], book: Notebook): Promise<void> {
  const deed: Deed = {stack, verb: 'port', by: 'watch', trigger: because, action: 'set-port', target: hands.service}
  const sync = () => syncPort({...hands, port, now: book.now}, book.signal)
  await noted(deed, book, sync, (came) => {
    if ('done' in came) return {result: 'done', summary: `qBittorrent listens on port ${port}`}
    return again ? undefined : failed(came.error)
  })
}
