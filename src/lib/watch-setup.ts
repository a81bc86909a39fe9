import {join} from 'node:path'
import type {CascadeHands} from './apply/cascade/hands.js'
import type {Setting} from './base-command.js'
import type {StackFiles} from './model/declared.js'
import type {Log} from './model/log.js'
import type {Notifier} from './model/notification.js'
import {pinsFileName} from './model/pins.js'
import {assembleUpdates, type StackSource} from './updates-setup.js'
import {openJournal} from './state/journal.js'
import {operationId} from './state/operation-id.js'
import {logReporter} from './ui/plain-reporter.js'
import {cascadeWatcher} from './watch/cascade-watcher.js'
import {healthWatcher, listenAddress} from './watch/health-server.js'
import {heartbeat, type Heartbeat, type Pulse} from './watch/heartbeat.js'
import {fileSource} from './watch/stack-source.js'
import type {Watcher} from './watch/supervise.js'
import {vpnWatcher} from './watch/vpn-watcher.js'
import {portRoom} from './vpn-watch.js'
import type {VpnSource} from './watched-gateway.js'

type WatchParts = {
  readonly setting: Setting
  readonly log: Log
  readonly notifier: Notifier
  /** The state folder. */
  readonly folder: string
  /** Only this one; undefined: every watcher there is. */
  readonly only: 'cascade' | 'updates' | 'vpn' | undefined
  /** Those whose gateway has a qBittorrent behind it. */
  readonly ports: readonly {readonly stack: string; readonly source: VpnSource}[]
  /** Reads `.env` anew. */
  readonly hands: () => Promise<CascadeHands>
  readonly now: () => number
  /** Never goes back: for what is only compared within this process. */
  readonly clock: () => number
  /** Told after every turn of a loop. */
  readonly onTurn: () => void
}

/** A stream that has been silent for this long is opened anew, milliseconds. */
const SILENCE_MS = 600_000

/** The watchers of this homelab, and how each of them is. */
export function assembleWatchers(parts: WatchParts): {watchers: Watcher[]; pulses: () => Pulse[]} {
  const {setting, only} = parts
  const sources = new Map(setting.stacks.map((files) => [files.name, sourceOf(files, parts)]))
  const cascades = only === 'updates' || only === 'vpn' ? [] : setting.stacks.map((files) => watchStack(files, sources, parts))
  const vpns = only === undefined || only === 'vpn' ? parts.ports.map((port) => watchPort(port, parts)) : []
  const updates = only === 'cascade' || only === 'vpn' ? undefined : assembleUpdates({...parts, sources})
  const pulses = (): Pulse[] => [
    ...[...cascades, ...vpns].map(({beat}) => beat.pulse()),
    ...(updates === undefined ? [] : [updates.pulse()]),
  ]
  const {resync, listen} = parts.setting.configuration.watch
  const address = listenAddress(listen)
  const health = address === undefined ? [] : [healthWatcher({...address, pulses, tooOld: 3 * resync * 1000, now: parts.clock})]
  return {watchers: [...[...cascades, ...vpns].map(({watcher}) => watcher), ...(updates?.watchers ?? []), ...health], pulses}
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

function watchPort(
  {stack, source}: WatchParts['ports'][number],
  {setting, folder, log, now, clock, onTurn}: WatchParts,
): {watcher: Watcher; beat: Heartbeat} {
  const name = `vpn ${stack}`
  const beat = heartbeat(name, clock, onTurn)
  const {watch, vpn} = setting.configuration
  const book = {
    journal: openJournal(folder),
    newOperation: () => operationId(new Date(now()), Math.random),
    now,
    warn: (text: string) => log.warn(text),
  }
  const times = {every: vpn.every * 1000, patience: watch.dockerAway * 1000}
  return {watcher: vpnWatcher({name, room: portRoom(source, {setting, folder, book}), ...times, beat, log, now, clock}), beat}
}

function watchStack(
  files: StackFiles,
  sources: ReadonlyMap<string, StackSource>,
  {setting, log, notifier, now, clock, onTurn}: WatchParts,
): {watcher: Watcher; beat: Heartbeat} {
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
    reporter: logReporter(files.name, log),
  })
  return {watcher, beat}
}
