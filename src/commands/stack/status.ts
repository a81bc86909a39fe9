import {stackStatus, type StackStatus, observeEach} from '../../lib/stack/status.js'
import {exitCode} from '../../lib/util/errors.js'
import {selectServices} from '../../lib/stack/select.js'
import {StackCommand} from '../../lib/cli/stack-command.js'
import {palette} from '../../lib/ui/palette.js'
import {statusJson, type StatusJson, statusText} from '../../lib/ui/status.js'
import {showReports} from '../../lib/ui/result.js'

export default class StackStatusCommand extends StackCommand {
  // oclif reads this from the class itself, not from its parents.
  static override strict = false
  static override summary = 'What runs, how it is, since when and on which image. Ends with 1 if something that should run does not.'
  static override examples = ['homelab stack torrent status', 'homelab stack all status --json']

  async run(): Promise<StatusJson> {
    const {argv, flags} = await this.parse(StackStatusCommand)
    const {setting, stacks, services} = await this.choose(argv as string[], flags)
    const engine = await this.engine(setting, flags)
    const seen = await observeEach(stacks, engine, this.signal, setting.stacks)
    const names = (look: (typeof seen.worlds)[number]): string[] =>
      services.length > 0 ? selectServices(look.stack, services) : [...look.stack.services.keys()]
    const all = await Promise.all(
      seen.worlds.map(async (world): Promise<StackStatus> => {
        const update = await this.openUpdate(setting, world.stack.project)
        return {...stackStatus(world, names(world)), ...(update && {update})}
      }),
    )
    const terminal = this.terminal(flags)
    all.flatMap((status) => statusText(status, Date.now(), palette(terminal), terminal.width)).forEach((line) => terminal.write(line))
    showReports(seen.failed, false, flags.verbose, terminal)
    const bad = all.some((status) => status.services.some(({verdict}) => verdict === 'bad'))
    const [failure] = seen.failed
    process.exitCode = failure && stacks.length === 1 ? failure.error.exitCode : failure || bad ? exitCode.failed : exitCode.done
    return statusJson(all, seen.failed)
  }
}
