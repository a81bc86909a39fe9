import * as Flags from '@oclif/core/flags'
import {placeFlags, SystemdCommand, userFlag} from '../../lib/systemd-command.js'
import {carryOut} from '../../lib/systemd/carry-out.js'
import {requireSystemd} from '../../lib/systemd/places.js'
import {UNIT} from '../../lib/systemd/settings.js'
import {installSteps, stepText} from '../../lib/systemd/steps.js'
import {unitText} from '../../lib/systemd/unit.js'
import {requireName, requireUser, userOf} from '../../lib/systemd/user.js'
import {palette} from '../../lib/ui/palette.js'

type Installed = {unit: string; file: string; dryRun: boolean; steps: string[]}

export default class SystemdInstall extends SystemdCommand {
  static override summary = 'Let systemd run `homelab watch`, now and with each start of the machine.'
  static override examples = ['sudo homelab systemd install', 'homelab systemd install --dry-run']
  static override flags = {
    user: userFlag,
    'dry-run': Flags.boolean({summary: 'Print what would be done, and do nothing.'}),
    ...placeFlags,
  }

  async run(): Promise<Installed> {
    const {flags} = await this.parse(SystemdInstall)
    // What the watcher would only tell the journal.
    await this.setting(flags)
    const [places, dryRun] = [this.places(flags), flags['dry-run']]
    await requireSystemd(places)
    const found = await this.found(places)
    const user = flags.user ?? userOf(found.installed)
    requireName(user)
    await requireUser(this.program, user)
    const wanted = await this.wanted(flags, {user, installed: found.installed})
    const steps = installSteps(found, {text: unitText(wanted), state: wanted.state})
    if (!dryRun && steps.length > 0) {
      await this.requireRoot(places)
      await carryOut(steps, this.program, this.asRoot())
    }
    const colours = palette(this.terminal(flags))
    this.log(
      dryRun
        ? colours.bold(`${UNIT}: what would be done`)
        : `${colours.green('✓')} ${colours.bold(UNIT)}: ${steps.length > 0 ? 'done' : 'nothing to do'}`,
    )
    steps.forEach((step) => this.log(colours.dim(`  ${stepText(step)}`)))
    return {unit: UNIT, file: found.file, dryRun, steps: steps.map(stepText)}
  }
}
