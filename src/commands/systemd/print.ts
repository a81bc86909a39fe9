import {placeFlags, SystemdCommand, userFlag} from '../../lib/cli/systemd-command.js'
import {installedUnit, unitFile, requireName, userOf} from '../../lib/systemd/install.js'
import {UNIT, unitText} from '../../lib/systemd/unit.js'

type Printed = {unit: string; file: string; text: string}

export default class SystemdPrint extends SystemdCommand {
  static override summary = 'Print the unit that runs `homelab watch`, and do nothing.'
  static override examples = ['homelab systemd print', 'homelab systemd print --user media']
  static override flags = {user: userFlag, ...placeFlags}

  async run(): Promise<Printed> {
    const {flags} = await this.parse(SystemdPrint)
    const places = this.places(flags)
    const installed = await installedUnit(places)
    const user = flags.user ?? userOf(installed)
    requireName(user)
    const text = unitText(await this.wanted(flags, {user, installed}))
    this.log(text.trimEnd())
    return {unit: UNIT, file: unitFile(places), text}
  }
}
