import {ChangeCommand} from '../../lib/cli/operation-command.js'
import {changingFlags} from '../../lib/cli/stack-command.js'
import type {ReportJson} from '../../lib/ui/result.js'
import * as Flags from '@oclif/core/flags'

export default class StackRestart extends ChangeCommand {
  // oclif reads this from the class itself, not from its parents.
  static override strict = false
  static override summary = 'Restart services; a gateway takes along what lives in its network namespace.'
  static override examples = ['homelab stack torrent restart', 'homelab stack torrent restart gluetun']
  static override flags = {...changingFlags, 'no-wait': Flags.boolean({summary: 'Do not wait until the services are healthy.'})}

  async run(): Promise<ReportJson> {
    const {argv, flags} = await this.parse(StackRestart)
    return this.change('restart', argv as string[], flags, {noWait: flags['no-wait']})
  }
}
