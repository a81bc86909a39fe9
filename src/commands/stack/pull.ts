import {ChangeCommand} from '../../lib/cli/operation-command.js'
import {changingFlags} from '../../lib/cli/stack-command.js'
import type {ReportJson} from '../../lib/ui/result.js'

export default class StackPull extends ChangeCommand {
  // oclif reads this from the class itself, not from its parents.
  static override strict = false
  static override summary = 'Fetch the images that the registries have newer; nothing that runs changes.'
  static override examples = ['homelab stack all pull']
  static override flags = {...changingFlags}

  async run(): Promise<ReportJson> {
    const {argv, flags} = await this.parse(StackPull)
    return this.change('pull', argv as string[], flags)
  }
}
