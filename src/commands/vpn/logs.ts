import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {exitCode} from '../../lib/util/errors.js'
import {VpnCommand} from '../../lib/cli/gateway-command.js'

export default class VpnLogs extends VpnCommand {
  static override summary = 'Read the log of the VPN gateway. With --json one object a line.'
  static override examples = ['homelab vpn logs -n 50', 'homelab vpn logs -f']
  static override args = {gateway: Args.string({description: 'Which, if there are several.'})}
  static override flags = {
    follow: Flags.boolean({char: 'f', summary: 'Go on with what comes, until Ctrl-C.'}),
    lines: Flags.integer({char: 'n', summary: 'So many lines.', min: 0, helpValue: '<number>'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(VpnLogs)
    const vpn = await this.vpn(flags, args.gateway)
    const {stack, name} = this.only(vpn)
    const options = {follow: flags.follow, lines: flags.lines, colour: this.terminal(flags).colour}
    let worst: number = exitCode.done
    if (this.jsonEnabled())
      for await (const line of vpn.engine.logLines(stack, [name], options, this.signal)) process.stdout.write(`${JSON.stringify(line)}\n`)
    else worst = await vpn.engine.logs(stack, [name], options, this.signal)
    process.exitCode = this.signal.aborted ? exitCode.cancelled : worst
  }
}
