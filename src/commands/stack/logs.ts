import * as Flags from '@oclif/core/flags'
import type {LogLine} from '../../lib/docker/engine.js'
import {exitCode, usageError} from '../../lib/util/errors.js'
import {selectServices} from '../../lib/stack/select.js'
import {StackCommand} from '../../lib/cli/stack-command.js'

export default class StackLogs extends StackCommand {
  // oclif reads this from the class itself, not from its parents.
  static override strict = false
  static override summary = 'Read the logs. With --json one object a line.'
  static override examples = ['homelab stack torrent logs -f gluetun', 'homelab stack all logs -n 20']
  static override flags = {
    follow: Flags.boolean({char: 'f', summary: 'Go on with what comes, until Ctrl-C.'}),
    lines: Flags.integer({char: 'n', summary: 'So many lines of each service.', min: 0, helpValue: '<number>'}),
  }

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(StackLogs)
    const {setting, stacks, services, all} = await this.choose(argv as string[], flags)
    if (all && flags.follow) throw usageError('-f follows one stack.', ['homelab stack torrent logs -f'])
    const engine = await this.engine(setting, flags)
    const options = {follow: flags.follow, lines: flags.lines, colour: this.terminal(flags).colour}
    let worst: number = exitCode.done
    for (const files of stacks) {
      const stack = await engine.declare(files, this.signal)
      const names = services.length > 0 ? selectServices(stack, services) : []
      if (this.jsonEnabled()) await this.writeLines(engine.logLines(stack, names, options, this.signal))
      else worst = Math.max(worst, await engine.logs(stack, names, options, this.signal))
    }
    process.exitCode = this.signal.aborted ? exitCode.cancelled : worst
  }

  private async writeLines(lines: AsyncIterable<LogLine>): Promise<void> {
    for await (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`)
  }
}
