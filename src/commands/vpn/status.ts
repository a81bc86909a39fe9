import {setTimeout as sleep} from 'node:timers/promises'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {allFine, type Finding} from '../../lib/model/finding.js'
import {exitCode} from '../../lib/util/errors.js'
import {findingsText} from '../../lib/ui/findings.js'
import {palette} from '../../lib/ui/palette.js'
import {showReports} from '../../lib/ui/result.js'
import {VpnCommand, type Gateway, type Vpn} from '../../lib/cli/gateway-command.js'
import {lookAtGateway, type GatewayLook, tunnelJson, type TunnelJson} from '../../lib/vpn/inspect.js'
import {exposedClients, gatewayFinding, namespaceFindings} from '../../lib/vpn/namespace-findings.js'
import {ownAddress} from '../../lib/vpn/exit-address.js'
import type {Setting} from '../../lib/config/homelab.js'
import {age} from '../../lib/util/text.js'

/** Seconds between two looks. */
const EVERY_S = 5

type GatewayJson = {stack: string; gateway: string; tunnel?: TunnelJson; findings: readonly Finding[]}
type VpnJson = {ok: boolean; gateways: GatewayJson[]; findings: readonly Finding[]}

export default class VpnStatus extends VpnCommand {
  static override summary =
    'How the tunnel is, where it comes out, and whether everything risky is in it. Ends with 1 if something is wrong, or could not be checked.'
  static override examples = ['homelab vpn status', 'homelab vpn status --watch', 'homelab vpn status --json']
  static override args = {gateway: Args.string({description: 'Without it: every gateway.'})}
  static override flags = {watch: Flags.boolean({summary: `Look again every ${EVERY_S} seconds, until Ctrl-C.`})}

  async run(): Promise<VpnJson> {
    const {args, flags} = await this.parse(VpnStatus)
    const setting = await this.setting(flags)
    for (;;) {
      const found = await this.look(setting, flags, args.gateway)
      process.exitCode = found.ok ? exitCode.done : exitCode.failed
      if (!flags.watch) return found
      if (this.jsonEnabled()) process.stdout.write(`${JSON.stringify(found)}\n`)
      await sleep(EVERY_S * 1000, undefined, {signal: this.signal})
    }
  }

  private async look(
    setting: Setting,
    flags: {color?: boolean; verbose: boolean; watch: boolean; home?: string | undefined; context?: string | undefined},
    word: string | undefined,
  ): Promise<VpnJson> {
    const {ownAddress: services, timeout, through} = setting.configuration.vpn
    const patience = {signal: this.signal, limit: timeout * 1000}
    const own = ownAddress(services, patience)
    // Whoever waits for it is told; nobody does if the stacks cannot be read.
    own.catch(() => undefined)
    const vpn = await this.vpn(flags, word, setting)
    const {subnets} = await vpn.engine.about(this.signal)
    const look = {engine: vpn.engine, own, subnets, through, remembered: this.remembered(setting), now: Date.now, ...patience}
    const gateways = await Promise.all(vpn.gateways.map((gateway) => this.ofGateway(gateway, look)))
    const findings = exposedClients(vpn.worlds)
    this.show(gateways, findings, vpn, flags)
    const ok = vpn.failed.length === 0 && allFine([...findings, ...gateways.flatMap((one) => one.findings)])
    return {ok, gateways, findings}
  }

  private async ofGateway(gateway: Gateway, look: GatewayLook): Promise<GatewayJson> {
    const {stack, observed, name, container} = gateway
    const {findings, tunnel} = await lookAtGateway(gateway, look)
    return {
      stack: stack.name,
      gateway: name,
      ...(tunnel && {tunnel: tunnelJson(tunnel)}),
      findings: [gatewayFinding(stack.name, name, container, age, Date.now()), ...findings, ...namespaceFindings({stack, observed}, name)],
    }
  }

  private show(
    gateways: readonly GatewayJson[],
    others: readonly Finding[],
    {failed}: Vpn,
    flags: {color?: boolean; verbose: boolean; watch: boolean},
  ): void {
    const terminal = this.terminal(flags)
    const colours = palette(terminal)
    // Home, and everything below it erased: the last look does not stay in between.
    if (flags.watch && terminal.interactive) terminal.write('\u001B[H\u001B[J')
    for (const {findings} of gateways) findingsText(findings, colours, terminal.width).forEach((line) => terminal.write(line))
    findingsText(others, colours, terminal.width).forEach((line) => terminal.write(line))
    showReports(failed, false, flags.verbose, terminal)
  }
}
