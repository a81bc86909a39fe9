import {ChangeCommand} from '../../lib/change-command.js'
import {changingFlags} from '../../lib/stack-command.js'
import type {ReportJson} from '../../lib/ui/report-json.js'
import * as Flags from '@oclif/core/flags'
export default class StackUpdate extends ChangeCommand {
  // oclif reads this from the class itself, not from its parents.
  static override strict = false
  static override summary = 'Pull, recreate what has a new image or a changed declaration, and wait until it is healthy.'
  static override examples = ['homelab stack torrent update sonarr', 'homelab stack all update']
  static override flags = {...changingFlags, 'force-recreate': Flags.boolean({summary: 'Recreate what would be left running, too.'})}

  async run(): Promise<ReportJson> {
    const {argv, flags} = await this.parse(StackUpdate)
    return this.change('update', argv as string[], flags, {force: flags['force-recreate']})
  }
}
