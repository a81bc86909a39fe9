import path from 'node:path'
import type {DeclaredStack} from '../model/stack.js'
import {readWord} from './unit.js'

/** What the watcher of these stacks has to be able to do. */
export type UnitNeeds = {
  /** Folders that it writes, beside its state; absolute, sorted, none within another. */
  readonly writable: readonly string[]
  /** Seconds that a stop may take. */
  readonly stopSeconds: number
}

type Known = {
  readonly composeDir: string
  /** The folder of the configurations: what comes later into it is writable, too. */
  readonly configs: string
  /** The folders of this machine behind what is copied before an update, whether or not that is switched on today. */
  readonly copied: readonly string[]
}

/** Seconds. */
const LEAST_STOP_S = 90
const MOST_STOP_S = 1_200
/** What a stop takes beside waiting for containers: Compose, a container's creation, a restore that ends at its next file. */
const BESIDE_S = 60

/** Pure. */
export function unitNeeds(stacks: readonly DeclaredStack[], {composeDir, configs, copied}: Known): UnitNeeds {
  const isOfConfigs = (folder: string): boolean => folder.startsWith(`${configs}/`)
  const folders = [composeDir, ...copied.map((folder) => (isOfConfigs(folder) ? configs : folder))]
  const slowest = Math.max(0, ...stacks.flatMap(({services}) => [...services.values()].map(({stopGrace = 0}) => stopGrace)))
  // A gateway stops after those behind it.
  const stopSeconds = Math.min(MOST_STOP_S, Math.max(LEAST_STOP_S, BESIDE_S + 2 * Math.ceil(slowest)))
  return {writable: outermost(folders), stopSeconds}
}

/** The root of all files is no configuration: with it nothing would be read-only. */
function outermost(folders: readonly string[]): string[] {
  const all = [...new Set(folders.map((folder) => path.resolve(folder)))].filter((folder) => folder !== '/')
  return all.filter((folder) => !all.some((other) => folder.startsWith(`${other}/`))).toSorted()
}

/**
 * With what an installed unit has: of stacks that cannot be read nothing is known, and nothing is taken from them.
 * Pure.
 */
export function withInstalled({writable, stopSeconds}: UnitNeeds, installed: string | undefined): UnitNeeds {
  const unit = installed ?? ''
  const folders = [...unit.matchAll(/^ReadWritePaths=(-.*|"-.*")$/gm)].map(([, word = '']) => readWord(word).slice(1))
  const [, seconds = '0'] = /^TimeoutStopSec=(\d+)$/m.exec(unit) ?? []
  return {writable: outermost([...writable, ...folders]), stopSeconds: Math.max(LEAST_STOP_S, stopSeconds, Number(seconds))}
}
