import {readFile, stat} from 'node:fs/promises'
import path from 'node:path'
import {OperatorError} from '../model/operator-error.js'
import {refusal} from '../model/refusal.js'
import {UNIT} from './settings.js'

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
