import {SILENCE_MS} from '../stack/docker-events.js'
import {once} from 'node:events'
import {join} from 'node:path'
import type {CascadeHands} from '../cascade/observe.js'
import {gatewaysOf, type DeclaredStack, type StackFiles} from '../model/stack.js'
import type {Log} from '../model/log.js'
import type {Notifier} from '../model/notification.js'
import {pinsFileName} from '../model/image.js'
import {type StackSource, fileSource} from './file-source.js'
import {assembleUpdates} from './updates.js'
import {openJournal, operationId} from '../journal/journal.js'
import {tunnelNotes} from '../vpn/tunnel-memory.js'
import {cascadeWatcher} from './cascade-watcher.js'
import {healthWatcher} from './status-server.js'
import {ears, type Watcher} from './supervisor.js'
import {heartbeat, type Heartbeat, type Pulse} from './heartbeat.js'
import {vpnWatcher, portRoom} from './port-watcher.js'
import {tunnelWatcher} from './tunnel-watcher.js'
import {tunnelRoom} from './tunnel.js'
import type {VpnSource} from './gateway-cache.js'
import {torrentClient} from '../vpn/qbittorrent.js'
import type {Setting} from '../config/homelab.js'
import type {Reporter} from '../model/plan.js'
import {listenAddress} from '../config/load.js'

/** A stack that has a gateway, or may have one, and how it is read again. */
export type WatchedVpn = {
  readonly stack: string
  /** undefined: it cannot be read yet. */
  readonly vpn: Vpn | undefined
  readonly source: VpnSource
}

type Vpn = {
  readonly gateways: readonly string[]
  /** Whether there is a qBittorrent behind one of them. */
  readonly client: boolean
}

/** What of a stack is watched, apart from its cascades. */
export function vpnOf(stack: DeclaredStack): Vpn {
  const gateways = gatewaysOf(stack)
  return {gateways, client: gateways.some((name) => torrentClient(stack, name) !== undefined)}
}

type WatchParts = {
  readonly setting: Setting
  readonly log: Log
  readonly notifier: Notifier
  readonly reporter: (stack: string) => Reporter
  /** The state folder. */
  readonly folder: string
  /** Only this one; undefined: every watcher there is. */
  readonly only: 'cascade' | 'updates' | 'vpn' | undefined
  /** The stacks that have a gateway. */
  readonly vpns: readonly WatchedVpn[]
  /** Reads `.env` anew. */
  readonly hands: () => Promise<CascadeHands>
  readonly now: () => number
  /** Never goes back: for what is only compared within this process. */
  readonly clock: () => number
  /** Told after every turn of a loop. */
  readonly onTurn: () => void
}

/** The watchers of this homelab, and how each of them is. */
export function assembleWatchers(parts: WatchParts): {watchers: Watcher[]; pulses: () => Pulse[]; listens: () => boolean} {
  const {setting, only} = parts
  const listeners = ears(parts.onTurn)
  const sources = new Map(setting.stacks.map((files) => [files.name, sourceOf(files, parts)]))
  const cascades = only === 'updates' || only === 'vpn' ? [] : setting.stacks.map((files) => watchStack(files, sources, parts))
  const vpns = only === undefined || only === 'vpn' ? parts.vpns.flatMap((watched) => watchVpn(watched, parts)) : []
  const updates = only === 'cascade' || only === 'vpn' ? undefined : assembleUpdates({...parts, sources, ears: listeners})
  const pulses = (): Pulse[] => [
    ...[...cascades, ...vpns].flatMap((watched) => watched.pulses()),
    ...(updates === undefined ? [] : [updates.pulse()]),
  ]
  const {resync, listen} = parts.setting.configuration.watch
  const address = listenAddress(listen)
  const server = {pulses, tooOld: 3 * resync * 1000, now: parts.clock}
  const health = address === undefined ? [] : [listeners.add((heard) => healthWatcher({...address, ...server, heard}))]
  const watchers = [...[...cascades, ...vpns].map(({watcher}) => watcher), ...(updates?.watchers ?? []), ...health]
  return {watchers, pulses, listens: listeners.listen}
}

/** An update writes the pins file, which may not be there yet. */
const sourceOf = (files: StackFiles, {setting, log, hands}: WatchParts): StackSource =>
  fileSource({
    files: [...new Set([...files.files, join(setting.composeDir, pinsFileName(files.name)), join(setting.composeDir, '.env')])],
    log,
    read: async () => {
      const fresh = await hands()
      return {hands: fresh, stack: await fresh.engine.declare(files, new AbortController().signal)}
    },
  })

/** Milliseconds between two looks at a tunnel's counters: what they raise suspicion of has to be certain within 40 s. */
const TRAFFIC_MS = 5_000

type Watched = {readonly watcher: Watcher; readonly pulses: () => readonly Pulse[]}

const watchVpn = (watched: WatchedVpn, parts: WatchParts): Watched[] =>
  watched.vpn === undefined ? [watchLater(watched, parts)] : watchRead(watched, watched.vpn, parts)

/** Until it can be read it fails, is told once, and is tried again by who supervises it. */
function watchLater(watched: WatchedVpn, parts: WatchParts): Watched {
  const name = `vpn ${watched.stack}`
  const beat = heartbeat(name, parts.clock, parts.onTurn)
  let inner: readonly Watched[] | undefined
  const run = async (signal: AbortSignal): Promise<void> => {
    try {
      const {stack} = await watched.source()
      inner = watchRead(watched, vpnOf(stack), parts)
    } catch (error) {
      beat.failed((error as Error).message)
      throw error
    }
    await Promise.all(inner.map(({watcher}) => watcher.run(signal)))
    if (!signal.aborted) await once(signal, 'abort')
  }
  return {watcher: {name, run}, pulses: () => inner?.flatMap(({pulses}) => pulses()) ?? [beat.pulse()]}
}

/** The forwarded port, and each tunnel. */
function watchRead({stack, source}: WatchedVpn, {gateways, client}: Vpn, parts: WatchParts): Watched[] {
  const {setting, folder, log, notifier, now, clock, onTurn} = parts
  const {watch, vpn} = setting.configuration
  const book = {
    journal: openJournal(folder),
    newOperation: () => operationId(new Date(now()), Math.random),
    now,
    warn: (text: string) => log.warn(text),
  }
  const patience = watch.dockerAway * 1000
  const port = (name: string, beat: Heartbeat): Watcher =>
    vpnWatcher({name, room: portRoom(source, {setting, folder, book}), every: vpn.every * 1000, patience, beat, log, now, clock})
  const tunnel = (name: string, beat: Heartbeat, gateway: string): Watcher => {
    const room = tunnelRoom(source, {setting, folder, gateway, book})
    const notes = tunnelNotes(folder, stack, gateway)
    return tunnelWatcher({name, where: `${stack}/${gateway}`, room, notes, every: TRAFFIC_MS, patience, beat, notifier, log, now: clock})
  }
  const made = (name: string, make: (name: string, beat: Heartbeat) => Watcher): Watched => {
    const beat = heartbeat(name, clock, onTurn)
    return {watcher: make(name, beat), pulses: () => [beat.pulse()]}
  }
  return [
    ...(client ? [made(`vpn ${stack}`, port)] : []),
    ...gateways.map((gateway) => made(`tunnel ${stack}/${gateway}`, (name, beat) => tunnel(name, beat, gateway))),
  ]
}

function watchStack(
  files: StackFiles,
  sources: ReadonlyMap<string, StackSource>,
  {setting, log, notifier, reporter, now, clock, onTurn}: WatchParts,
): Watched {
  const name = `cascade ${files.name}`
  const beat = heartbeat(name, clock, onTurn)
  const {watch, cascade} = setting.configuration
  const source = sources.get(files.name)
  if (source === undefined) throw new Error('every stack has a source')
  const watcher = cascadeWatcher({
    name,
    declare: source,
    notifier,
    rules: cascade,
    resync: watch.resync * 1000,
    patience: watch.dockerAway * 1000,
    silence: SILENCE_MS,
    beat,
    log,
    now,
    reporter: reporter(files.name),
  })
  return {watcher, pulses: () => [beat.pulse()]}
}
