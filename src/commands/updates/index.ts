import {UpdatesCommand} from '../../lib/cli/updates-command.js'
import {exitCode} from '../../lib/util/errors.js'
import {count} from '../../lib/util/text.js'
import {errorText} from '../../lib/ui/error.js'
import {openUpdateText} from '../../lib/ui/open-update.js'
import {palette} from '../../lib/ui/palette.js'
import {updatesJson, updatesText, type UpdatesJson} from '../../lib/ui/updates.js'

export default class Updates extends UpdatesCommand {
  static override summary =
    'Which services have a newer image, by their registries and by what was announced; and what is held back, and why.'
  static override examples = ['homelab updates', 'homelab updates --json', 'homelab updates apply sonarr', 'homelab updates pause --for 7d']

  async run(): Promise<UpdatesJson> {
    const {flags} = await this.parse(Updates)
    const terminal = this.terminal(flags)
    const colours = palette(terminal)
    const {services, paused, open, failed} = await this.overview(flags, (images) => {
      if (terminal.interactive && !this.jsonEnabled())
        process.stderr.write(colours.dim(`Asking the registries for ${count(images, 'image')} …\n`))
    })
    for (const [stack, update] of open) terminal.write(openUpdateText(stack, update, Date.now(), colours))
    const seen = {paused, open, unread: failed.map(({stack}) => stack)}
    updatesText(services, seen, colours, terminal.width).forEach((line) => terminal.write(line))
    failed.flatMap(({error}) => errorText(error, flags.verbose, colours)).forEach((line) => terminal.write(line))
    const [first] = failed
    process.exitCode = first?.error.exitCode ?? exitCode.done
    return updatesJson(services, seen)
  }
}
