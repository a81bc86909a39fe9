import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {failed, noted} from '../../lib/journal/recorder.js'
import {allFine, type Finding} from '../../lib/model/finding.js'
import {exitCode, OperatorError, usageError} from '../../lib/util/errors.js'
import {confirm} from '../../lib/ui/prompt.js'
import {findingsText} from '../../lib/ui/findings.js'
import {palette} from '../../lib/ui/palette.js'
import {rulesOf} from '../../lib/vpn/inspect.js'
import {VpnCommand, type Gateway, type Vpn} from '../../lib/cli/gateway-command.js'
import {proofFindings, proveKillSwitch, refused, type Proof} from '../../lib/vpn/kill-switch.js'
import {attemptOf, GIVE_UP_MS, wayOutArgv} from '../../lib/vpn/egress.js'

/** Seconds until the tunnel has to run again. */
const LIMIT_S = 60

type CheckJson = {gateway: string; ok: boolean; dryRun: boolean; findings: readonly Finding[]; proof?: Proof}

export default class VpnCheck extends VpnCommand {
  static override summary =
    'Whether the rules keep everything in the tunnel; with --kill-switch the proof: the tunnel is taken down, and nothing gets out.'
  static override examples = ['homelab vpn check', 'homelab vpn check --kill-switch', 'homelab vpn check --kill-switch --yes --json']
  static override args = {gateway: Args.string({description: 'Which, if there are several.'})}
  static override flags = {
    'kill-switch': Flags.boolean({summary: 'Take the tunnel down for some seconds, and try to get out.'}),
    yes: Flags.boolean({char: 'y', summary: 'Do not ask.'}),
    'dry-run': Flags.boolean({summary: 'Print what would be done, and do nothing.'}),
  }

  protected override readonly outlivesTerminal = true

  async run(): Promise<CheckJson> {
    const {args, flags} = await this.parse(VpnCheck)
    const vpn = await this.vpn(flags, args.gateway)
    const gateway = this.only(vpn)
    const terminal = this.terminal(flags)
    const rules = await this.rules(gateway, vpn)
    const dryRun = flags['dry-run']
    const open = flags['kill-switch'] ? this.openFirewall(gateway) : undefined
    const wanted = flags['kill-switch'] && open === undefined
    if (wanted && dryRun) this.announce(gateway, vpn).forEach((line) => terminal.write(line))
    const proof = wanted && !dryRun ? await this.prove(gateway, vpn, flags.yes) : undefined
    const findings = [...rules, ...judged(proof, open)]
    findingsText(findings, palette(terminal), terminal.width).forEach((line) => terminal.write(line))
    const ok = allFine(findings)
    process.exitCode = ok ? exitCode.done : exitCode.failed
    return {gateway: gateway.name, ok, dryRun, findings, ...(proof && {proof})}
  }

  private async rules({stack, name, container}: Gateway, {engine}: Vpn): Promise<Finding[]> {
    return rulesOf(stack, name, container, (await engine.about(this.signal)).subnets)
  }

  private announce({name}: Gateway, {setting}: Vpn): string[] {
    const targets = setting.configuration.vpn.outside.join(', ')
    return [
      `${name}: from inside its namespace, ${targets} would be asked for: they have to answer`,
      `${name}: the tunnel would be taken down; then none of them may answer`,
      `${name}: the tunnel would be brought back, whatever happens in between`,
    ]
  }

  private async agree({name}: Gateway): Promise<void> {
    if (!process.stdin.isTTY || this.jsonEnabled()) throw usageError('The tunnel is taken down for this.', ['Say that you know: --yes'])
    if (await confirm(`Everything behind ${name} is cut off for about 15 seconds. Go on?`, this.signal)) return
    throw new OperatorError('Nothing was done.', {exitCode: exitCode.cancelled})
  }

  private async prove(gateway: Gateway, vpn: Vpn, agreed: boolean): Promise<Proof> {
    const {engine, setting} = vpn
    const {container, name} = gateway
    if (!agreed) await this.agree(gateway)
    const server = this.serverOf(gateway)
    const {outside, timeout} = setting.configuration.vpn
    const tryOne = async (target: string, signal: AbortSignal) =>
      attemptOf(target, await engine.execute(container?.id ?? '', wayOutArgv(target), GIVE_UP_MS, signal))
    const say = (text: string): void => void process.stderr.write(`${name}: ${text} …\n`)
    this.unfinished = 'The tunnel is brought back first: that is not cut short.'
    const tunnel = {server, answer: timeout * 1000, limit: LIMIT_S * 1000, now: Date.now, mark: this.markOf(gateway, vpn)}
    const tryAll = (signal: AbortSignal) => Promise.all(outside.map((target) => tryOne(target, signal)))
    const deed = {
      stack: gateway.stack.name,
      verb: 'tunnel',
      by: 'command',
      trigger: `${this.typed} --kill-switch`,
      action: 'prove',
      target: name,
    } as const
    const proof = noted(
      deed,
      {...this.notebook(setting), signal: this.signal},
      () => proveKillSwitch({...tunnel, say, tryAll}, this.signal),
      (came) => ('error' in came ? failed(came.error) : verdict(came.done)),
    )
    return proof.finally(() => (this.unfinished = undefined))
  }
}

/** @param open Why it was not tried. */
function judged(proof: Proof | undefined, open: string | undefined): Finding[] {
  if (open !== undefined) return [refused(open)]
  return proof === undefined ? [] : proofFindings(proof)
}

function verdict(proof: Proof): {result: 'done' | 'failed'; summary: string} {
  const findings = proofFindings(proof)
  return {result: allFine(findings) ? 'done' : 'failed', summary: findings.map(({says}) => says).join('; ')}
}
