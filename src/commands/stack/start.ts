import {ChangeCommand} from '../../lib/cli/operation-command.js'
import {changingFlags} from '../../lib/cli/stack-command.js'
import type {ReportJson} from '../../lib/ui/result.js'
import * as Flags from '@oclif/core/flags'

export default class StackStart extends ChangeCommand {
  // oclif reads this from the class itself, not from its parents.
  static override strict = false
  static override summary = 'Start what is stopped, a gateway before what lives behind it.'
  static override examples = ['homelab stack torrent start sonarr']
  static override flags = {...changingFlags, 'no-wait': Flags.boolean({summary: 'Do not wait until the services are healthy.'})}

  async run(): Promise<ReportJson> {
    const {argv, flags} = await this.parse(StackStart)
    return this.change('start', argv as string[], flags, {noWait: flags['no-wait']})
  }
}
