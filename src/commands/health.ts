import path from 'node:path'
import * as Flags from '@oclif/core/flags'
import {observeEach} from '../lib/stack/status.js'
import {diagnoseEnvFile} from '../lib/config/env-file.js'
import type {DiagnosedEngine} from '../lib/docker/engine.js'
import {lookAtFlow} from '../lib/health/flow/flow.js'
import {lookAtHealth} from '../lib/health/check.js'
import {isWrong, type Subject} from '../lib/model/finding.js'
import {exitCode} from '../lib/util/errors.js'
import {commandMail} from '../lib/notify/create.js'
import {healthAlert, hasChanged, healthChanges, healthMemory} from '../lib/health/changes.js'
import {StackCommand} from '../lib/cli/stack-command.js'
import {flowText, healthJson, type HealthJson, healthText} from '../lib/ui/findings.js'
import {showReports} from '../lib/ui/result.js'
import {palette} from '../lib/ui/palette.js'
import type {Setting} from '../lib/config/homelab.js'

/** Milliseconds for one question: a test of an application asks others in turn. */
const FLOW_MS = 15_000

export default class Health extends StackCommand {
  // oclif reads this from the class itself, not from its parents.
  static override strict = false
  static override usage = '<%= command.id %> [stack…]'
  static override summary =
    'Whether all is well: services, tunnel, disks, watchers. Ends with 1 if something is wrong, or could not be checked.'
  static override description = 'For cron: */5 * * * * homelab health --quiet --notify'
  static override examples = ['homelab health', 'homelab health torrent', 'homelab health --quiet --notify', 'homelab health --json']
  static override flags = {
    quiet: Flags.boolean({char: 'q', summary: 'Only what is wrong; with --notify, only when that has changed.'}),
    flow: Flags.boolean({
      summary: 'The way from a request to the television, each step asked through the applications themselves.',
      exclusive: ['notify'],
    }),
    notify: Flags.boolean({summary: 'A message to your phone when it changes: bad, worse, recovered.'}),
  }

  async run(): Promise<HealthJson> {
    const {argv, flags} = await this.parse(Health)
    const setting = await this.setting(flags)
    const words = argv as string[]
    const stacks =
      words.length === 0
        ? setting.stacks
        : (await Promise.all(words.map((word) => this.choose([word], flags)))).flatMap((one) => one.stacks)
    const {file, problem} = await diagnoseEnvFile(path.join(setting.composeDir, '.env'))
    const engine = await this.engine(setting, flags, file)
    if (flags.flow) return this.flow(engine, setting, file.variables, flags)
    const folder = this.stateFolder(setting)
    const subjects = await lookAtHealth({
      ...{setting, engine, stacks, folder, variables: file.variables, envProblem: problem},
      ...{stacksOnly: words.length > 0, signal: this.signal},
    })
    const changed = flags.notify ? await this.tell(subjects, setting, folder) : true
    const terminal = this.terminal(flags)
    if (changed || !flags.quiet)
      healthText(subjects, flags.quiet, palette(terminal), terminal.width).forEach((line) => terminal.write(line))
    const json = healthJson(subjects, new Date())
    process.exitCode = json.ok ? exitCode.done : exitCode.failed
    return json
  }

  /** What is remembered is written last: told twice after a kill is better than never. @returns whether something has changed. */
  private async tell(subjects: readonly Subject[], setting: Setting, folder: string): Promise<boolean> {
    const memory = healthMemory(folder)
    const now = Date.now()
    const before = await memory.read()
    const changes = healthChanges(before, subjects, now)
    const alert = healthAlert(changes, now)
    if (alert === undefined) {
      if (JSON.stringify(before) !== JSON.stringify(changes.troubles)) await memory.write(changes.troubles)
      return false
    }
    const say = (text: string): void => void process.stderr.write(`! ${text}\n`)
    const mail = commandMail({setting, folder, log: {info: () => undefined, warn: say, error: say}, signal: this.signal})
    await mail.post(alert)
    await memory.write(changes.troubles)
    await mail.flush()
    return hasChanged(changes)
  }

  private async flow(
    engine: DiagnosedEngine,
    setting: Setting,
    variables: Readonly<Record<string, string>>,
    flags: {color?: boolean; quiet: boolean; verbose: boolean},
  ): Promise<HealthJson> {
    const {worlds, failed} = await observeEach(setting.stacks, engine, this.signal)
    const hops = await lookAtFlow({worlds, variables, signal: this.signal, limit: FLOW_MS})
    const terminal = this.terminal(flags)
    const shown = flags.quiet ? hops.filter(({findings}) => findings.some(isWrong)) : hops
    flowText(shown, palette(terminal), terminal.width).forEach((line) => terminal.write(line))
    showReports(failed, false, flags.verbose, terminal)
    const subjects = hops.map(({from, to, findings}) => ({area: 'flow', subject: to === undefined ? from : `${from} → ${to}`, findings}))
    const json = healthJson(subjects, new Date())
    process.exitCode = json.ok && failed.length === 0 ? exitCode.done : exitCode.failed
    return json
  }
}
