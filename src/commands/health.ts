import path from 'node:path'
import * as Flags from '@oclif/core/flags'
import {diagnoseEnvFile} from '../lib/config/env-file.js'
import {lookAtHealth} from '../lib/health-look.js'
import type {Subject} from '../lib/model/finding.js'
import {exitCode} from '../lib/model/operator-error.js'
import {commandMail} from '../lib/notifications.js'
import {healthAlert} from '../lib/notify/health-alerts.js'
import {hasChanged, healthChanges} from '../lib/plan/health-changes.js'
import {StackCommand} from '../lib/stack-command.js'
import {healthMemory} from '../lib/state/health-memory.js'
import {healthJson, type HealthJson} from '../lib/ui/health-json.js'
import {healthText} from '../lib/ui/health-text.js'
import {palette} from '../lib/ui/palette.js'
import type {Setting} from '../lib/base-command.js'

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
    const changes = healthChanges(await memory.read(), subjects, now)
    const alert = healthAlert(changes, now)
    if (alert === undefined) return false
    const say = (text: string): void => void process.stderr.write(`! ${text}\n`)
    const mail = commandMail({setting, folder, log: {info: () => undefined, warn: say, error: say}, signal: this.signal})
    await mail.post(alert)
    await memory.write(changes.troubles)
    await mail.flush()
    return hasChanged(changes)
  }
}
