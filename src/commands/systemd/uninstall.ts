import * as Flags from '@oclif/core/flags'
import {placeFlags, SystemdCommand} from '../../lib/cli/systemd-command.js'
import {carryOut, requireSystemd, stepText, uninstallSteps} from '../../lib/systemd/install.js'
import {UNIT} from '../../lib/systemd/unit.js'
import {stateOf} from '../../lib/systemd/status.js'
import {palette} from '../../lib/ui/palette.js'

type Uninstalled = {unit: string; file: string; dryRun: boolean; steps: string[]; state?: string}

export default class SystemdUninstall extends SystemdCommand {
  static override summary = 'End the watcher and take its unit away. What homelab has written down stays.'
  static override examples = ['sudo homelab systemd uninstall']
  static override flags = {'dry-run': Flags.boolean({summary: 'Print what would be done, and do nothing.'}), ...placeFlags}

  async run(): Promise<Uninstalled> {
    const {flags} = await this.parse(SystemdUninstall)
    const [places, dryRun] = [this.places(flags), flags['dry-run']]
    await requireSystemd(places)
    const found = await this.found(places)
    const steps = uninstallSteps(found)
    const ended = {unit: UNIT, file: found.file, dryRun, steps: steps.map(stepText)}
    const colours = palette(this.terminal(flags))
    if (steps.length === 0) {
      this.log(`${colours.green('✓')} ${colours.bold(UNIT)}: was not installed`)
      return ended
    }
    if (!dryRun) {
      await this.requireRoot(places)
      await carryOut(steps, this.program, this.asRoot())
    }
    const state = stateOf(found.installed)
    this.log(dryRun ? colours.bold(`${UNIT}: what would be done`) : `${colours.green('✓')} ${colours.bold(UNIT)}: done`)
    steps.forEach((step) => this.log(colours.dim(`  ${stepText(step)}`)))
    this.log(`State and journal stay: ${state}`)
    return {...ended, state}
  }
}
