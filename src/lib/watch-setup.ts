import {join} from 'node:path'
import type {CascadeHands} from './apply/cascade/hands.js'
import type {Setting} from './base-command.js'
import type {StackFiles} from './model/declared.js'
import type {Log} from './model/log.js'
import type {Notifier} from './model/notification.js'
import {logReporter} from './ui/plain-reporter.js'
import {cascadeWatcher} from './watch/cascade-watcher.js'
import {healthWatcher, listenAddress} from './watch/health-server.js'
import {heartbeat, type Heartbeat} from './watch/heartbeat.js'
import {fileSource} from './watch/stack-source.js'
import type {Watcher} from './watch/supervise.js'

type WatchParts = {
  readonly setting: Setting
  readonly log: Log
  readonly notifier: Notifier
  /** Reads `.env` anew. */
  readonly hands: () => Promise<CascadeHands>
  readonly now: () => number
}

/** A stream that has been silent for this long is opened anew, milliseconds. */
const SILENCE_MS = 600_000

/** The watchers of this homelab, and how each of them is. */
export function assembleWatchers(parts: WatchParts): {watchers: Watcher[]; beats: Heartbeat[]} {
  const cascades = parts.setting.stacks.map((files) => watchStack(files, parts))
  const beats = cascades.map(({beat}) => beat)
  const {resync, listen} = parts.setting.configuration.watch
  const address = listenAddress(listen)
  const health =
    address === undefined
      ? []
      : [healthWatcher({...address, pulses: () => beats.map((beat) => beat.pulse()), tooOld: 3 * resync * 1000, now: parts.now})]
  return {watchers: [...cascades.map(({watcher}) => watcher), ...health], beats}
}

function watchStack(files: StackFiles, {setting, log, hands, notifier, now}: WatchParts): {watcher: Watcher; beat: Heartbeat} {
  const name = `cascade ${files.name}`
  const beat = heartbeat(name, now)
  const {watch, cascade} = setting.configuration
  const source = fileSource({
    files: [...files.files, join(setting.composeDir, '.env')],
    log,
    read: async () => {
      const fresh = await hands()
      return {hands: fresh, stack: await fresh.engine.declare(files, new AbortController().signal)}
    },
  })
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
