import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {rollBack} from '../../lib/update/rollback.js'
import {ChangeCommand, exitCodeOf} from '../../lib/cli/operation-command.js'
import {exitCode} from '../../lib/util/errors.js'
import {changingFlags} from '../../lib/cli/stack-command.js'
import {reportJson, type ReportJson, showReports} from '../../lib/ui/result.js'
import {reporters} from '../../lib/ui/progress.js'
import type {StackResult} from '../../lib/stack/result.js'

export default class StackRollback extends ChangeCommand {
  static override strict = true
  static override usage = '<%= command.id %> <stack> <service>'
  static override summary = 'Take a service back to the image that it ran before its last update.'
  static override examples = ['homelab stack torrent rollback sonarr', 'homelab stack torrent rollback sonarr --to 1b2c3d4e5f60']
  static override args = {
    stack: Args.string({description: 'The stack.', required: true}),
    service: Args.string({description: 'The service.', required: true}),
  }
  static override flags = {
    ...changingFlags,
    to: Flags.string({summary: 'An image on this machine, by id or reference, instead of the one that ran before.', helpValue: '<image>'}),
  }

  async run(): Promise<ReportJson> {
    const {args, flags} = await this.parse(StackRollback)
    const chosen = await this.choose([args.stack, args.service], flags)
    const [files] = chosen.stacks
    if (files === undefined) throw new Error('a stack was chosen')
    const hands = await this.hands(chosen.setting, flags)
    const dryRun = flags['dry-run']
    const terminal = this.terminal(flags)
    const shown = await reporters([files.name], 'rollback', {terminal, quiet: dryRun || this.jsonEnabled()})
    const reporter = shown.reporter(files.name)
    const stack = await hands.engine.declare(files, this.signal)
    const order = {
      stack,
      service: args.service,
      to: flags.to,
      dryRun,
      intent: this.intent(chosen, flags),
      resume: this.resume(chosen.setting, hands),
    }
    const work = (): Promise<StackResult> => rollBack(order, {hands, reporter, signal: this.signal})
    const result = await (dryRun ? work() : hands.exclusively(stack.project, `homelab stack ${stack.name} rollback`, work))
    reporter.closed(undefined)
    await shown.done
    const reports = [{stack: stack.name, result}]
    showReports(reports, dryRun, flags.verbose, terminal)
    // That is what was asked for.
    const code = exitCodeOf(reports, this.signal)
    process.exitCode = code === exitCode.rolledBack ? exitCode.done : code
    return reportJson(reports)
  }
}
