import {exitCode} from '../../lib/util/errors.js'
import {placeFlags, SystemdCommand} from '../../lib/cli/systemd-command.js'
import {requireSystemd, userOf} from '../../lib/systemd/install.js'
import {systemdStatus, type SystemdStatus as Status} from '../../lib/systemd/status.js'
import {unitText} from '../../lib/systemd/unit.js'
import {palette} from '../../lib/ui/palette.js'
import {systemdStatusText} from '../../lib/ui/systemd.js'

export default class SystemdStatus extends SystemdCommand {
  static override summary = 'Whether systemd runs the watcher, since when, and from which unit. Ends with 1 if it does not.'
  static override examples = ['homelab systemd status', 'homelab systemd status --json']
  static override flags = placeFlags

  async run(): Promise<Status> {
    const {flags} = await this.parse(SystemdStatus)
    const places = this.places(flags)
    await requireSystemd(places)
    const found = await this.found(places)
    const status = systemdStatus(found, unitText(await this.wanted(flags, {user: userOf(found.installed), installed: found.installed})))
    systemdStatusText(status, Date.now(), palette(this.terminal(flags))).forEach((line) => this.log(line))
    process.exitCode = status.active === 'active' ? exitCode.done : exitCode.failed
    return status
  }
}
