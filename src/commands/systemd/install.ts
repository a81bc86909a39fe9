import * as Flags from '@oclif/core/flags'
import {placeFlags, SystemdCommand, userFlag} from '../../lib/cli/systemd-command.js'
import {carryOut, requireSystemd, installSteps, stepText, requireName, requireUser, userOf} from '../../lib/systemd/install.js'
import {UNIT, unitText} from '../../lib/systemd/unit.js'
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
