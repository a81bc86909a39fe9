import {difference} from './difference.js'
import {UNIT} from './settings.js'
import type {UnitState} from './unit-state.js'

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
