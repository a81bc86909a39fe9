import {ChangeCommand} from '../../lib/cli/operation-command.js'
import {changingFlags} from '../../lib/cli/stack-command.js'
import type {ReportJson} from '../../lib/ui/result.js'
import * as Flags from '@oclif/core/flags'

export default class StackUp extends ChangeCommand {
  // oclif reads this from the class itself, not from its parents.
  static override strict = false
  static override summary = 'Create what is missing, recreate what changed, start what is stopped; then wait until it is healthy.'
  static override examples = ['homelab stack torrent up', 'homelab stack all up']
  static override flags = {...changingFlags, 'no-wait': Flags.boolean({summary: 'Do not wait until the services are healthy.'})}

  async run(): Promise<ReportJson> {
    const {argv, flags} = await this.parse(StackUp)
    return this.change('up', argv as string[], flags, {noWait: flags['no-wait']})
  }
}
