import {UpdatesCommand} from '../../lib/cli/updates-command.js'

export default class UpdatesResume extends UpdatesCommand {
  static override summary = 'End the pause of updates.'
  static override examples = ['homelab updates resume']

  async run(): Promise<{paused: false; before: boolean}> {
    const {flags} = await this.parse(UpdatesResume)
    const before = await this.pauseOf(await this.setting(flags)).resume()
    this.log(before ? 'The pause is over: updates go on.' : 'There was no pause.')
    return {paused: false, before}
  }
}
