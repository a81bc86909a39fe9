import {userOf} from './install.js'
import type {UnitState} from './unit-state.js'
import {UNIT, ROOT} from './unit.js'

/** The --json form of `systemd status`. Part of the program's interface: fields are added, never renamed. */
export type SystemdStatus = {
  unit: string
  file: string
  installed: boolean
  /** The file is what `systemd install` would write now. */
  current: boolean
  /** Lines that it would take away (-) and add (+). */
  differences: readonly string[]
  /** It starts with the machine. */
  enabled: boolean
} & Pick<UnitState, 'active' | 'sub' | 'since' | 'restarts' | 'mainPid' | 'result' | 'exitStatus' | 'says'>

export function systemdStatus(found: {file: string; installed: string | undefined; state: UnitState}, wanted: string): SystemdStatus {
  const {file, installed, state} = found
  const {active, sub, since, restarts, mainPid, result, exitStatus, says} = state
  return {
    unit: UNIT,
    file,
    installed: installed !== undefined,
    current: installed === wanted,
    differences: installed === undefined ? [] : difference(installed, wanted),
    enabled: state.enabled === 'enabled',
    ...{active, sub, since, restarts, mainPid, result, exitStatus, says},
  }
}

/** Lines of a unit that mean something, in their order. */
const settings = (unit: string): string[] => unit.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

/**
 * What writing the unit anew would change: "-" before a line that would go, "+" before one that would come. Not by their
 * order. Empty also for two texts that differ in comments only.
 */
export function difference(installed: string, wanted: string): string[] {
  const [old, next] = [settings(installed), settings(wanted)]
  return [
    ...old.filter((line) => !next.includes(line)).map((line) => `- ${line}`),
    ...next.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ]
}

/** Where the watcher of an installed unit keeps its state, for people: of a user it is below their home folder. */
export function stateOf(unit: string | undefined): string {
  const [, chosen] = /^Environment="?HOMELAB_STATE=(.*?)"?$/m.exec(unit ?? '') ?? []
  if (chosen !== undefined) return chosen.replaceAll('%%', '%').replace(/\\(.)/g, '$1')
  const user = userOf(unit)
  return user === ROOT ? '/var/lib/homelab' : `~${user}/.local/state/homelab`
}
