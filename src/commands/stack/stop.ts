import {ChangeCommand} from '../../lib/cli/operation-command.js'
import {changingFlags} from '../../lib/cli/stack-command.js'
import type {ReportJson} from '../../lib/ui/result.js'

export default class StackStop extends ChangeCommand {
  // oclif reads this from the class itself, not from its parents.
  static override strict = false
  static override summary = 'Stop services, a gateway after what lives behind it. What you stop stays stopped.'
  static override examples = ['homelab stack torrent stop bazarr']
  static override flags = {...changingFlags}

  async run(): Promise<ReportJson> {
    const {argv, flags} = await this.parse(StackStop)
    return this.change('stop', argv as string[], flags)
  }
}
