import * as Flags from '@oclif/core/flags'
import {ChangeCommand} from '../../lib/cli/operation-command.js'
import {usageError} from '../../lib/util/errors.js'
import {changingFlags} from '../../lib/cli/stack-command.js'
import type {ReportJson} from '../../lib/ui/result.js'

export default class StackDown extends ChangeCommand {
  // oclif reads this from the class itself, not from its parents.
  static override strict = false
  static override summary = 'Stop and remove the containers. Volumes, media and configurations stay.'
  static override examples = ['homelab stack plex down']
  static override flags = {
    ...changingFlags,
    orphans: Flags.boolean({
      summary: 'Remove also what is in the project and in no Compose file of the homelab. --dry-run names it before.',
    }),
  }

  async run(): Promise<ReportJson> {
    const {argv, flags} = await this.parse(StackDown)
    const [, ...services] = argv as string[]
    if (flags.orphans && services.length > 0) throw usageError('--orphans is for a whole stack. Nothing was done.', ['Name no service'])
    return this.change('down', argv as string[], flags, {orphans: flags.orphans})
  }
}
