import {failed, noted, type Deed, type Notebook} from '../journal/recorder.js'
import type {Log} from '../model/log.js'
import {gatewaysOf, type DeclaredStack} from '../model/stack.js'
import {createWakeup} from '../util/wakeup.js'
import {interfaceIndex} from '../vpn/counters.js'
import {
  afterLook,
  afterSync,
  decidePort,
  isSuspicious,
  NO_PORT,
  type PortMemory,
  type PortReading,
  syncPort,
  portHands,
  type PortHands,
} from '../vpn/forwarded-port.js'
import {type Patience, type ControlServer, isRead, readPorts} from '../vpn/gluetun.js'
import {torrentClient} from '../vpn/qbittorrent.js'
import {rememberedGateway, type VpnSource, type WatchedGateway} from './gateway-cache.js'
import type {Heartbeat} from './heartbeat.js'
import {trouble} from './repeated-failure.js'
import type {Watcher} from './supervisor.js'
import type {Setting} from '../config/homelab.js'

/** One gateway's forwarded port, and what is done with it. */
type PortRoom = {
  /** Asks Gluetun and the kernel. @throws OperatorError if Docker cannot be asked. */
  read(signal: AbortSignal): Promise<PortReading>
  /** @param again It failed before, and was told. @throws OperatorError if it is not seen to listen there. */
  sync(wanted: {readonly port: number; readonly because: string; readonly again: boolean}, signal: AbortSignal): Promise<void>
}

type VpnWatch = {
  readonly name: string
  readonly room: PortRoom
  /** Milliseconds between two looks. */
  readonly every: number
  /** Milliseconds that Docker may be away before that is an alert. */
  readonly patience: number
  readonly beat: Heartbeat
  readonly log: Log
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Never goes back: for what is only compared within this process. */
  readonly clock: () => number
}

/** Keeps qBittorrent on the forwarded port. An internal reconnect makes no event, so it looks. */
export const vpnWatcher = (watch: VpnWatch): Watcher => ({name: watch.name, run: (signal) => run(watch, signal)})

async function run(watch: VpnWatch, signal: AbortSignal): Promise<void> {
  const awake = createWakeup()
  // That Docker is away is the cascade's alert: one is enough.
  const snag = trouble({...watch, notifier: {post: () => Promise.resolve()}})
  let memory = NO_PORT
  while (!signal.aborted) {
    let pause = watch.every
    try {
      const done = await turn(watch, memory, signal)
      memory = done.memory
      if (done.soon) pause = SOON_MS
      snag.over()
    } catch (error) {
      if (isOver(signal)) break
      watch.beat.failed(error instanceof Error ? error.message : String(error))
      pause = await snag.happened(error)
    }
    await awake.next({leastMs: pause, mostMs: pause}, signal)
  }
}

/** A loop's condition is checked again after an await, which the compiler does not see. */
const isOver = (signal: AbortSignal): boolean => signal.aborted

/** What differs is looked at again after so many milliseconds: it counts when it was read twice. */
const SOON_MS = 1_000

async function turn(watch: VpnWatch, memory: PortMemory, signal: AbortSignal): Promise<{memory: PortMemory; soon: boolean}> {
  const {room, beat, log, name, clock} = watch
  const reading = await room.read(signal)
  const decision = decidePort(reading, memory, clock())
  beat.looked(reading.forwarded === undefined ? 'no port' : `port ${reading.forwarded}`)
  const seen = afterLook(memory, reading)
  if (decision.is === 'rest') return {memory: seen, soon: isSuspicious(reading, memory, clock())}
  try {
    await room.sync({...decision, again: memory.failures > 0}, signal)
    log.info(`${name}: qBittorrent listens on port ${decision.port} now, as ${decision.because}`)
    return {memory: afterSync(seen, decision.port, true, clock()), soon: false}
  } catch (error) {
    signal.throwIfAborted()
    // The same again and again is one line.
    if (memory.failures === 0) log.warn(`${name}: ${(error as Error).message}`)
    return {memory: afterSync(seen, decision.port, false, clock()), soon: false}
  }
}

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
