import {carryOutAll, type StackReport} from '../update/run.js'
import type {Order} from '../stack/run.js'
import type {Hands} from '../stack/step-handlers.js'
import {exitCode} from '../util/errors.js'
import {renewalFor} from '../update/plan-image-change.js'
import type {Intent} from '../stack/snapshot.js'
import {StackCommand, type Chosen} from './stack-command.js'
import {reportJson, type ReportJson, showReports} from '../ui/result.js'
import {reporters} from '../ui/progress.js'
import type {Setting} from '../config/homelab.js'
import type {ChangingVerb} from '../model/plan.js'

type ChangeFlags = {
  readonly home?: string | undefined
  readonly context?: string | undefined
  readonly color?: boolean
  readonly verbose?: boolean
  readonly timeout?: number | undefined
  readonly wait?: number | undefined
  readonly 'dry-run'?: boolean
}

/** How services are brought to new images; it can be told only when the setting is known. */
type RenewalFor = (setting: Setting, hands: Hands, folder: string) => NonNullable<Order['renewal']>

/** Commands that change what runs: they differ in their verb and in what they ask for. */
export abstract class ChangeCommand extends StackCommand {
  protected override readonly outlivesTerminal = true

  protected async change(
    verb: ChangingVerb,
    words: readonly string[],
    flags: ChangeFlags,
    extra: Partial<Intent> = {},
    renewal?: RenewalFor,
  ): Promise<ReportJson> {
    const chosen = await this.choose(words, flags)
    const hands = await this.hands(chosen.setting, flags)
    const dryRun = flags['dry-run'] === true
    const terminal = this.terminal(flags)
    const shown = await reporters(
      chosen.stacks.map(({name}) => name),
      verb,
      {terminal, quiet: dryRun || this.jsonEnabled()},
    )
    const order = {
      verb,
      dryRun,
      intent: this.intent(chosen, flags, extra),
      ...(renewal && {renewal: renewal(chosen.setting, hands, this.stateFolder(chosen.setting))}),
      resume: this.resume(chosen.setting, hands),
    }
    const reports = await carryOutAll(order, chosen, hands, shown.reporter, this.signal)
    await shown.done
    showReports(reports, dryRun, flags.verbose === true, terminal)
    process.exitCode = exitCodeOf(reports, this.signal)
    return reportJson(reports)
  }

  /** How an update that was left in the middle is brought to its end: with the rules of one that a person watches. */
  protected resume(setting: Setting, hands: Hands): NonNullable<Order['resume']> {
    const folder = this.stateFolder(setting)
    return renewalFor({setting, hands, folder, retry: false, watched: true, references: new Map(), op: undefined})
  }

  protected intent({setting, services}: Chosen, flags: ChangeFlags, extra: Partial<Intent> = {}): Intent {
    const {timeouts, health} = setting.configuration
    return {services, limits: {healthy: flags.timeout ?? timeouts.healthy}, library: health.library, ...extra}
  }
}

/** One failing stack does not stop the others, and the exit code says so; for a single error it is that error's own. */
export function exitCodeOf(reports: readonly StackReport[], signal: AbortSignal): number {
  const errors = reports.flatMap(({error}) => error ?? [])
  const [first] = errors
  if (first !== undefined && reports.length === 1) return first.exitCode
  if (signal.aborted) return exitCode.cancelled
  const updates = reports.flatMap(({result}) => result?.updates ?? [])
  if (errors.length > 0 || updates.some(({is}) => is === 'stranded' || is === 'kept')) return exitCode.failed
  if (updates.some(({is}) => is === 'rolled-back')) return exitCode.rolledBack
  const lost = reports.some(({result}) => result?.outcomes.some((outcome) => outcome.result !== 'done'))
  return lost ? exitCode.failed : exitCode.done
}
