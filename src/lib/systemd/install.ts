import {mkdir, open, rename, rm, readFile, stat} from 'node:fs/promises'
import path from 'node:path'
import {OperatorError, refusal, usageError} from '../util/errors.js'
import type {Program} from '../util/subprocess.js'
import {type UnitState, systemctl} from './unit-state.js'
import {UNIT, ROOT} from './unit.js'

/** What install and uninstall do, one after the other. */
type Step =
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

/** Does the steps, and ends at the first that fails. @throws OperatorError (1); EACCES is told with `asRoot`, a command. */
export async function carryOut(steps: readonly Step[], run: Program, asRoot: string): Promise<void> {
  for (const step of steps)
    try {
      await carryOutOne(step, run)
    } catch (error) {
      throw explained(error, step, asRoot)
    }
}

async function carryOutOne(step: Step, run: Program): Promise<void> {
  if (step.do === 'write') await writeWhole(step.file, step.text)
  else if (step.do === 'remove') await rm(step.file)
  else if (step.do === 'make folder') await mkdir(step.folder, {recursive: true, mode: 0o755})
  else if (step.mayFail) await run('systemctl', step.args, TIDY_S)
  else await systemctl(run, step.args)
}

const TIDY_S = 10

/** systemd reads the old text or the new one, never a part: also after a power cut. */
async function writeWhole(file: string, text: string): Promise<void> {
  const next = `${file}.new`
  try {
    const handle = await open(next, 'w', 0o644)
    try {
      await handle.writeFile(text)
      await handle.chmod(0o644) // Whatever the umask.
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(next, file)
  } catch (error) {
    await rm(next, {force: true}).catch(() => undefined)
    throw error
  }
}

function explained(error: unknown, step: Step, asRoot: string): unknown {
  const {code, syscall, message} = error as NodeJS.ErrnoException
  if (syscall === undefined) return error
  const next = code === 'EACCES' || code === 'EPERM' ? [asRoot] : []
  return new OperatorError(`Could not ${stepText(step)}: ${message}`, {next})
}

/** Where systemd has what we ask of it. */
export type Places = {
  /** The folder of the administrator's units. */
  readonly units: string
  /** Exists exactly while systemd runs the machine: sd_booted(3). */
  readonly booted: string
}

export const PLACES: Places = {units: '/etc/systemd/system', booted: '/run/systemd/system'}

export const unitFile = ({units}: Places): string => path.join(units, UNIT)

/** @returns the unit's text; undefined if it is not installed. */
export async function installedUnit(places: Places): Promise<string | undefined> {
  try {
    return await readFile(unitFile(places), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new OperatorError(`${unitFile(places)} cannot be read: ${refusal(error)}`)
  }
}

/** @throws OperatorError (1) where something else runs the machine: a container, WSL, another init. */
export async function requireSystemd({booted}: Places): Promise<void> {
  const there = await stat(booted).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (there) return
  throw new OperatorError(`systemd does not run this machine (there is no ${booted}). Nothing was done.`, {
    next: [
      'Let what runs it here start `homelab watch` at boot, and again when it ends with anything but 0, 2 and 78.',
      'What the unit would say: homelab systemd print',
    ],
  })
}

const NAME = /^[a-zA-Z_][\w.-]*$/

/** Whom an installed unit runs as. */
export const userOf = (unit: string | undefined): string => /^User=(.+)$/m.exec(unit ?? '')?.[1] ?? ROOT

/** @throws OperatorError (2) for what can be no user's name. */
export function requireName(name: string): void {
  if (!NAME.test(name)) throw usageError(`"${name}" cannot be the name of a user.`)
}

/** systemd would only say 217/USER or 216/GROUP. @throws OperatorError (2) if the user or the group docker does not exist. */
export async function requireUser(run: Program, user: string): Promise<void> {
  if (user === ROOT) return
  const exists = async (database: string, key: string): Promise<boolean> => (await run('getent', [database, key], 10)).code === 0
  if (!(await exists('passwd', user))) throw usageError(`There is no user "${user}" on this machine.`, ['Whom there is: getent passwd'])
  if (await exists('group', 'docker')) return
  throw usageError('There is no group "docker", through which a user other than root may speak to Docker.', [
    'Leave out --user, or make the group: sudo groupadd --system docker && sudo systemctl restart docker.socket docker',
  ])
}
