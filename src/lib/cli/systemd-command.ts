import {access, constants} from 'node:fs/promises'
import path from 'node:path'
import * as Flags from '@oclif/core/flags'
import type {EnvFile} from '../config/env-file.js'
import {findHome} from '../config/environment.js'
import {installedUnit, PLACES, unitFile, type Places} from '../systemd/install.js'
import {withInstalled} from '../systemd/needs.js'
import {programs, type Program} from '../util/subprocess.js'
import type {UnitSettings} from '../systemd/unit.js'
import {unitState, type UnitState} from '../systemd/unit-state.js'
import {StackCommand} from './stack-command.js'
import {unitLook} from '../systemd/observe.js'
import {OperatorError} from '../util/errors.js'

/** For tests, and for a machine whose systemd keeps house elsewhere. */
export const placeFlags = {
  'unit-dir': Flags.string({summary: 'The folder of the unit.', hidden: true, default: PLACES.units}),
  'booted-dir': Flags.string({summary: 'The folder that shows that systemd runs.', hidden: true, default: PLACES.booted}),
}

export const userFlag = Flags.string({
  summary: 'Whom the watcher runs as, of the group docker; else as the installed unit has it, else root.',
  helpValue: '<name>',
})

type WantedFlags = {home?: string | undefined; context?: string | undefined}

type PlaceFlags = {'unit-dir': string; 'booted-dir': string}

/** Commands about the unit that runs `homelab watch`. */
export abstract class SystemdCommand extends StackCommand {
  static override usage = '<%= command.id %>'

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

  /**
   * What the unit would be made of, were it written now.
   * @param whose `installed`: the text of the unit as it is, for what is known of stacks that cannot be read. They are told.
   */
  protected async wanted(flags: WantedFlags, {user, installed}: {user: string; installed: string | undefined}): Promise<UnitSettings> {
    const {HOMELAB_CONFIG: config, HOMELAB_STATE: state} = this.environment
    const {needs, unread} = await this.needs(flags, user, installed)
    for (const why of unread) process.stderr.write(`! What the unit may write is not known in full. ${why}\n`)
    return {
      node: process.execPath,
      program: path.join(this.config.root, 'bin', 'run.cjs'),
      home: findHome(flags.home, this.environment, this.config.root).folder,
      config: config === undefined ? undefined : path.resolve(config),
      state: state ? path.resolve(state) : undefined,
      context: flags.context,
      user,
      ...needs,
    }
  }

  private async needs(flags: WantedFlags, user: string, installed: string | undefined): ReturnType<typeof unitLook> {
    try {
      const setting = await this.setting(flags)
      const engine = (env: EnvFile) => this.engine(setting, flags, env)
      return await unitLook({setting, engine, user, installed, signal: this.signal})
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error
      return {needs: withInstalled({writable: [], stopSeconds: 0}, installed), unread: [error.message]}
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
