import type {UnitState} from './unit-state.js'
import {UNIT} from './settings.js'

/** What install and uninstall do, one after the other. */
export type Step =
  | {readonly do: 'write'; readonly file: string; readonly text: string}
  | {readonly do: 'remove'; readonly file: string}
  | {readonly do: 'make folder'; readonly folder: string}
  /** `mayFail`: it only tidies up. */
  | {readonly do: 'systemctl'; readonly args: readonly string[]; readonly mayFail?: boolean}

/** @param installed The text of the file as it is now, if there is one. */
type Found = {readonly file: string; readonly installed: string | undefined; readonly state: UnitState}

const ask = (...args: readonly string[]): Step => ({do: 'systemctl', args})

/** @param wanted `state`: the state folder, if it is one that systemd does not make. @returns nothing if all is as it should be. */
export function installSteps({file, installed, state}: Found, wanted: {text: string; state?: string | undefined}): Step[] {
  const write: Step[] = installed === wanted.text ? [] : [...folder(wanted.state), {do: 'write', file, text: wanted.text}]
  const read = write.length > 0 || state.stale ? [ask('daemon-reload')] : []
  return [...write, ...read, ...begin(state, read.length > 0)]
}

function begin({active, enabled}: UnitState, changed: boolean): Step[] {
  if (changed && (active === 'active' || active === 'activating'))
    return [...(enabled === 'enabled' ? [] : [ask('enable', UNIT)]), ask('restart', UNIT)]
  return enabled === 'enabled' && active === 'active' ? [] : [ask('enable', '--now', UNIT)]
}

const folder = (state: string | undefined): Step[] => (state === undefined ? [] : [{do: 'make folder', folder: state}])

/** @returns nothing if it is not installed. */
export function uninstallSteps({file, installed, state}: Found): Step[] {
  const there = installed !== undefined
  const lives = state.active !== 'inactive' && state.active !== ''
  if (!there && !lives) return []
  return [
    // systemctl disables no unit whose file is gone.
    there ? ask('disable', '--now', UNIT) : ask('stop', UNIT),
    ...(there ? [{do: 'remove', file} as const] : []),
    ask('daemon-reload'),
    // A unit that failed is remembered without its file; one that did not is not known any more.
    {do: 'systemctl', args: ['reset-failed', UNIT], mayFail: true},
  ]
}

/** As a person would do it. */
export function stepText(step: Step): string {
  if (step.do === 'systemctl') return `systemctl ${step.args.join(' ')}`
  return step.do === 'make folder' ? `make the folder ${step.folder}` : `${step.do} ${step.file}`
}
