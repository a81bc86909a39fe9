import {ChangeCommand} from '../../lib/change-command.js'
import {changingFlags} from '../../lib/stack-command.js'
import type {ReportJson} from '../../lib/ui/report-json.js'

export default class StackDown extends ChangeCommand {
  // oclif reads this from the class itself, not from its parents.
  static override strict = false
  static override summary = 'Stop and remove the containers. Volumes, media and configurations stay.'
  static override examples = ['homelab stack plex down']
  static override flags = {...changingFlags}

  async run(): Promise<ReportJson> {
    const {argv, flags} = await this.parse(StackDown)
    return this.change('down', argv as string[], flags)
  }
}
