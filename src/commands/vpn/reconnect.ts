import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {failed, noted} from '../../lib/journal/recorder.js'
import {exitCode, OperatorError} from '../../lib/util/errors.js'
import {palette} from '../../lib/ui/palette.js'
import {VpnCommand} from '../../lib/cli/gateway-command.js'
import {reconnect, type Reconnected} from '../../lib/vpn/tunnel-switch.js'

/** Seconds until the new tunnel has to run, and to know its address. */
const LIMIT_S = 60

type ReconnectJson = {gateway: string; dryRun: boolean} & Partial<Reconnected>

export default class VpnReconnect extends VpnCommand {
  static override summary =
    'A new tunnel, without restarting the container: everything behind it keeps its network. The firewall stays up meanwhile.'
  static override examples = ['homelab vpn reconnect', 'homelab vpn reconnect --dry-run']
  static override args = {gateway: Args.string({description: 'Which, if there are several.'})}
  static override flags = {'dry-run': Flags.boolean({summary: 'Print what would be done, and do nothing.'})}

  protected override readonly outlivesTerminal = true

  async run(): Promise<ReconnectJson> {
    const {args, flags} = await this.parse(VpnReconnect)
    const vpn = await this.vpn(flags, args.gateway)
    const gateway = this.only(vpn)
    const server = this.serverOf(gateway)
    const terminal = this.terminal(flags)
    const open = this.openFirewall(gateway)
    if (open !== undefined)
      throw new OperatorError(`The tunnel is left alone: ${open}, and without a tunnel everything behind it would go out beside it.`, {
        next: [
          'Set FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT to "on"',
          `homelab stack ${gateway.stack.name} up ${gateway.name}`,
        ],
      })
    if (flags['dry-run']) {
      terminal.write(`${gateway.name}: the tunnel would be stopped and started, by ${server.url}`)
      return {gateway: gateway.name, dryRun: true}
    }
    const options = {
      server,
      answer: vpn.setting.configuration.vpn.timeout * 1000,
      limit: LIMIT_S * 1000,
      now: Date.now,
      mark: this.markOf(gateway, vpn),
    }
    this.unfinished = 'The tunnel is brought back first: that is not cut short.'
    const deed = {stack: gateway.stack.name, verb: 'tunnel', by: 'command', trigger: this.typed, action: 'reconnect'} as const
    const done = await noted(
      {...deed, target: gateway.name},
      {...this.notebook(vpn.setting), signal: this.signal},
      () => reconnect({...options, say: (text) => terminal.write(`${gateway.name}: ${text}`)}, this.signal),
      (came) => ('error' in came ? failed(came.error) : {result: came.done.after ? 'done' : 'failed', summary: exits(came.done)}),
    )
    const colours = palette(terminal)
    const mark = done.after === undefined ? colours.yellow('?') : colours.green('✓')
    terminal.write(`${mark} ${gateway.name}: ${exits(done)}`)
    process.exitCode = done.after === undefined ? exitCode.failed : exitCode.done
    return {gateway: gateway.name, dryRun: false, ...done}
  }
}

const exits = ({before, after}: Reconnected): string => `exit IP ${before?.ip ?? 'not known'} → ${after?.ip ?? 'not known'}`
