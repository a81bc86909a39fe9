import * as Args from '@oclif/core/args'
import {allFine, type Finding} from '../../../lib/model/finding.js'
import {exitCode} from '../../../lib/util/errors.js'
import {findingsText} from '../../../lib/ui/findings.js'
import {palette} from '../../../lib/ui/palette.js'
import {PortCommand} from '../../../lib/cli/gateway-command.js'
import {portFindings} from '../../../lib/vpn/tunnel-findings.js'

type PortJson = {gateway: string; ok: boolean; findings: readonly Finding[]}

export default class VpnPort extends PortCommand {
  static override summary = 'The forwarded port, and whether qBittorrent listens there, in the tunnel.'
  static override examples = ['homelab vpn port', 'homelab vpn port sync']
  static override args = {gateway: Args.string({description: 'Which, if there are several.'})}

  async run(): Promise<PortJson> {
    const {args, flags} = await this.parse(VpnPort)
    const {gateway, view} = await this.port(flags, args.gateway)
    const terminal = this.terminal(flags)
    const findings = portFindings(view)
    findingsText(findings, palette(terminal), terminal.width).forEach((line) => terminal.write(line))
    const ok = allFine(findings)
    process.exitCode = ok ? exitCode.done : exitCode.failed
    return {gateway, ok, findings}
  }
}
