import * as Flags from '@oclif/core/flags'
import {ChangeCommand} from '../../lib/cli/operation-command.js'
import {renewalFor} from '../../lib/update/plan-image-change.js'
import {changingFlags} from '../../lib/cli/stack-command.js'
import type {ReportJson} from '../../lib/ui/result.js'

export default class StackUpdate extends ChangeCommand {
  // oclif reads this from the class itself, not from its parents.
  static override strict = false
  static override summary =
    'Pull, recreate what has a new image or a changed declaration, and go back to the old image of what does not become healthy.'
  static override examples = ['homelab stack torrent update sonarr', 'homelab stack all update']
  static override flags = {
    ...changingFlags,
    'force-recreate': Flags.boolean({summary: 'Recreate what would be left running, too.'}),
    'retry-rejected': Flags.boolean({summary: 'Try images again that were rolled back before.'}),
  }

  async run(): Promise<ReportJson> {
    const {argv, flags} = await this.parse(StackUpdate)
    const retry = flags['retry-rejected']
    return this.change('update', argv as string[], flags, {force: flags['force-recreate']}, (setting, hands, folder) =>
      renewalFor({setting, hands, folder, retry, watched: true, references: new Map(), op: undefined}),
    )
  }
}
