import {applyUpdates} from '../../lib/update/apply-chosen.js'
import {exitCodeOf} from '../../lib/cli/operation-command.js'
import {exitCode, usageError} from '../../lib/util/errors.js'
import type {ServiceOverview} from '../../lib/model/update.js'
import {changingFlags} from '../../lib/cli/stack-command.js'
import {namedServices, UpdatesCommand} from '../../lib/cli/updates-command.js'
import {chooseUpdates} from '../../lib/ui/prompt.js'
import {errorText} from '../../lib/ui/error.js'
import {palette, type Terminal} from '../../lib/ui/palette.js'
import {reportJson, type ReportJson, showReports} from '../../lib/ui/result.js'
import {reporters} from '../../lib/ui/progress.js'
import {updatesText} from '../../lib/ui/updates.js'
import * as Flags from '@oclif/core/flags'

export default class UpdatesApply extends UpdatesCommand {
  // oclif reads this from the class itself, not from its parents.
  static override strict = false
  static override usage = '<%= command.id %> [service…]'
  static override summary = 'Apply updates now, also what is held back; on a terminal without names: a checklist.'
  static override examples = ['homelab updates apply', 'homelab updates apply sonarr services/seerr', 'homelab updates apply --all']
  static override flags = {...changingFlags, all: Flags.boolean({summary: 'All that is available; not what is held back.'})}

  protected override readonly outlivesTerminal = true

  async run(): Promise<ReportJson> {
    const {argv, flags} = await this.parse(UpdatesApply)
    const seen = await this.overview(flags)
    const terminal = this.terminal(flags)
    const chosen = await this.chosen(argv as string[], flags.all, seen.services, terminal)
    const some = chosen.filter(({is}) => is !== 'current')
    if (some.length === 0 || flags['dry-run']) {
      const unread = seen.failed.map(({stack}) => stack)
      const colours = palette(terminal)
      updatesText(chosen, {paused: seen.paused, unread}, colours, terminal.width).forEach((line) => terminal.write(line))
      seen.failed.flatMap(({error}) => errorText(error, flags.verbose, colours)).forEach((line) => terminal.write(line))
      process.exitCode = seen.failed[0]?.error.exitCode ?? exitCode.done
      return {stacks: []}
    }
    const names = [...new Set(some.map(({stack}) => stack))]
    const shown = await reporters(names, 'update', {terminal, quiet: this.jsonEnabled()})
    const healthy = flags.timeout ?? seen.setting.configuration.timeouts.healthy
    const folder = this.stateFolder(seen.setting)
    const reports = await applyUpdates(some, seen, {folder, healthy, reporter: shown.reporter, signal: this.signal})
    await shown.done
    showReports(reports, false, flags.verbose, terminal)
    process.exitCode = exitCodeOf(reports, this.signal)
    return reportJson(reports)
  }

  private async chosen(
    words: readonly string[],
    all: boolean,
    services: readonly ServiceOverview[],
    terminal: Terminal,
  ): Promise<ServiceOverview[]> {
    if (words.length > 0) return namedServices(services, words)
    const open = services.filter(({is}) => is === 'available' || is === 'held')
    if (all) return open.filter(({is}) => is === 'available')
    if (open.length === 0) return []
    if (terminal.interactive && process.stdin.isTTY && !this.jsonEnabled()) return chooseUpdates(open, this.signal)
    throw usageError('Which updates?', [
      'Name services: homelab updates apply <service…>',
      'or take all that is available: --all',
      `There are: ${open.map(({stack, service}) => `${stack}/${service}`).join(', ')}`,
    ])
  }
}
