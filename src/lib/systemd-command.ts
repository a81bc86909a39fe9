import {access, constants} from 'node:fs/promises'
import path from 'node:path'
import * as Flags from '@oclif/core/flags'
import {HomelabCommand} from './base-command.js'
import {findHome} from './config/home.js'
import {OperatorError} from './model/operator-error.js'
import {installedUnit, PLACES, unitFile, type Places} from './systemd/places.js'
import {programs, type Program} from './systemd/program.js'
import type {UnitSettings} from './systemd/settings.js'
import {unitState, type UnitState} from './systemd/unit-state.js'

/** For tests, and for a machine whose systemd keeps house elsewhere. */
export const placeFlags = {
  'unit-dir': Flags.string({summary: 'The folder of the unit.', hidden: true, default: PLACES.units}),
  'booted-dir': Flags.string({summary: 'The folder that shows that systemd runs.', hidden: true, default: PLACES.booted}),
}

export const userFlag = Flags.string({
  summary: 'Whom the watcher runs as, of the group docker; else as the installed unit has it, else root.',
  helpValue: '<name>',
})

type PlaceFlags = {'unit-dir': string; 'booted-dir': string}

/** Commands about the unit that runs `homelab watch`. */
export abstract class SystemdCommand extends HomelabCommand {
  protected get program(): Program {
    return programs(this.environment, this.signal)
  }

  protected places(flags: PlaceFlags): Places {
    return {units: path.resolve(flags['unit-dir']), booted: flags['booted-dir']}
  }

  /** The unit as it is on this machine. @throws OperatorError (1) if systemd does not answer. */
  protected async found(places: Places): Promise<{file: string; installed: string | undefined; state: UnitState}> {
    const [installed, state] = await Promise.all([installedUnit(places), unitState(this.program)])
    return {file: unitFile(places), installed, state}
  }

  /** What the unit would be made of, were it written now. */
  protected wanted(flags: {home?: string | undefined; context?: string | undefined}, user: string): UnitSettings {
    const {HOMELAB_CONFIG: config, HOMELAB_STATE: state} = this.environment
    return {
      node: process.execPath,
      program: path.join(this.config.root, 'bin', 'run.cjs'),
      home: findHome(flags.home, this.environment, this.config.root).folder,
      config: config === undefined ? undefined : path.resolve(config),
      state: state ? path.resolve(state) : undefined,
      context: flags.context,
      user,
    }
  }

  /** @throws OperatorError (1) for a user who may not write units, with the command as root would type it. */
  protected async requireRoot({units}: Places): Promise<void> {
    const may = await access(units, constants.W_OK).then(
      () => true,
      () => false,
    )
    if (!may) throw new OperatorError(`Only root may change what is in ${units}. Nothing was done.`, {next: [this.asRoot()]})
  }

  /** What was typed, with sudo; it would leave our variables behind. */
  protected asRoot(): string {
    const kept = ['HOMELAB_HOME', 'HOMELAB_CONFIG', 'HOMELAB_STATE'].flatMap((name) => {
      const value = this.environment[name]
      return value === undefined ? [] : [`${name}=${value}`]
    })
    return ['sudo', ...[...kept, 'homelab', ...(this.id ?? '').split(':'), ...this.argv].map(shellWord)].join(' ')
  }
}

const shellWord = (word: string): string => (/^[\w/.:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)
