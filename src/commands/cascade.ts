import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {type CascadeJob, consider} from '../lib/cascade/observe.js'
import {resumeCascades, runCascade, type CascadeResult} from '../lib/cascade/run.js'
import {silent, type Reporter} from '../lib/model/plan.js'
import {CascadeCommand} from '../lib/cli/stack-command.js'
import type {DeclaredStack} from '../lib/model/stack.js'
import {exitCode} from '../lib/util/errors.js'
import {commandMail} from '../lib/notify/create.js'
import {cascadeJson, foretoldJson, type CascadeJson, cascadePlanText, cascadeResultText, resumedText} from '../lib/ui/cascade.js'
import {logLines} from '../lib/ui/log-lines.js'
import {palette} from '../lib/ui/palette.js'
import {reporters} from '../lib/ui/progress.js'

export default class Cascade extends CascadeCommand {
  static override summary = 'Bring everything behind a gateway back, if its network is gone: one pass now, until all is proven well.'
  static override usage = '<%= command.id %> [stack]'
  static override examples = ['homelab cascade', 'homelab cascade --dry-run', 'homelab cascade --resume']
  static override args = {stack: Args.string({description: 'Only this stack; otherwise every one that has a gateway.'})}
  static override flags = {
    'dry-run': Flags.boolean({summary: 'Print what would be done, and do nothing.'}),
    force: Flags.boolean({summary: 'Also while cascades are paused; and restart also what looks fine.'}),
    resume: Flags.boolean({summary: 'End the pause after a restart loop, then go on as usual.'}),
    wait: Flags.integer({
      summary: 'Seconds to wait for another homelab command that works on the stack.',
      min: 0,
      max: 86_400,
      helpValue: '<seconds>',
    }),
  }

  protected override readonly outlivesTerminal = true

  async run(): Promise<CascadeJson> {
    const {args, flags} = await this.parse(Cascade)
    const setting = await this.setting(flags)
    const log = logLines({...this.terminal(flags), write: (line) => process.stderr.write(`${line}\n`)}, false, () => new Date())
    const mail = commandMail({setting, folder: this.stateFolder(setting), log, signal: this.signal})
    const hands = await this.cascadeHands(setting, flags, mail)
    const refused: string[] = []
    const onRefused = (stack: string, error: Error): unknown => refused.push(`${stack}: left out: ${error.message}`)
    const stacks = await this.gatewayStacks({name: args.stack, onRefused}, setting, hands)
    for (const text of refused) process.stderr.write(`! ${text}\n`)
    // Also of a dry run, which leaves it out as well.
    if (refused.length > 0) process.exitCode = exitCode.failed
    const job = (stack: DeclaredStack, reporter: Reporter): CascadeJob => {
      return {order: this.order(stack, setting, {force: flags.force, by: 'command'}), hands, reporter, signal: this.signal}
    }
    if (flags['dry-run'])
      return this.foretell(
        stacks.map((stack) => job(stack, silent)),
        flags,
      )
    const terminal = this.terminal(flags)
    if (flags.resume) terminal.write(resumedText(await Promise.all(stacks.map((stack) => resumeCascades(job(stack, silent))))))
    const names = stacks.map(({name}) => name)
    const shown = await reporters(names, 'cascade', {terminal, quiet: this.jsonEnabled()})
    const results = await Promise.all(stacks.map((stack) => this.one(job(stack, shown.reporter(stack.name)))))
    await mail.flush()
    await shown.done
    results.flatMap((result) => cascadeResultText(result, palette(terminal), flags.verbose)).forEach((line) => terminal.write(line))
    process.exitCode = Math.max(codeOf(results), refused.length > 0 ? exitCode.failed : exitCode.done)
    return cascadeJson(results)
  }

  private async one(job: CascadeJob): Promise<CascadeResult> {
    try {
      const result = await runCascade(job)
      job.reporter.closed(undefined)
      return result
    } catch (error) {
      job.reporter.closed(error as Error)
      throw error
    }
  }

  private async foretell(jobs: readonly CascadeJob[], flags: {color?: boolean}): Promise<CascadeJson> {
    const looks = await Promise.all(jobs.map((job) => consider(job)))
    const terminal = this.terminal(flags)
    looks.flatMap(({decision}) => cascadePlanText(decision, palette(terminal))).forEach((line) => terminal.write(line))
    return {stacks: looks.map(({decision}) => foretoldJson(decision))}
  }
}

function codeOf(results: readonly CascadeResult[]): number {
  if (results.some(({ended}) => ended === 'cancelled')) return exitCode.cancelled
  return results.every(({ended}) => ended === 'whole') ? exitCode.done : exitCode.failed
}
