import path from 'node:path'
import * as Flags from '@oclif/core/flags'
import {diagnoseEnvFile} from '../lib/config/env-file.js'
import {applyRemedy, remedyText, type Diagnosis} from '../lib/doctor/remedy.js'
import {diagnose} from '../lib/doctor/doctor.js'
import {allFine, type Finding} from '../lib/model/finding.js'
import {exitCode, OperatorError} from '../lib/util/errors.js'
import {StackCommand} from '../lib/cli/stack-command.js'
import {findingsText} from '../lib/ui/findings.js'
import {palette} from '../lib/ui/palette.js'

type DoctorJson = {ok: boolean; findings: readonly Finding[]; fixed: readonly string[]}
type DoctorFlags = {readonly home?: string | undefined; readonly context?: string | undefined; readonly 'dry-run': boolean}

export default class Doctor extends StackCommand {
  static override usage = '<%= command.id %>'
  static override summary =
    'What would keep the homelab from running: versions, permissions, ports, folders; each with the command that mends it.'
  static override examples = ['homelab doctor', 'sudo homelab doctor --fix', 'homelab doctor --fix --dry-run']
  static override flags = {
    fix: Flags.boolean({summary: 'Mend what can be mended safely: modes, missing folders, the tun module.'}),
    'dry-run': Flags.boolean({summary: 'With --fix: print what would be done, and do nothing.'}),
  }

  async run(): Promise<DoctorJson> {
    const {flags} = await this.parse(Doctor)
    const found = await this.look(flags)
    const fixed = flags.fix ? await this.mend(found, flags) : []
    const findings = fixed.length > 0 && !flags['dry-run'] ? await this.look(flags) : found
    const terminal = this.terminal(flags)
    findingsText(findings, palette(terminal), terminal.width).forEach((line) => terminal.write(line))
    const ok = allFine(findings)
    process.exitCode = ok ? exitCode.done : exitCode.failed
    return {ok, findings: findings.map(({remedy: _, ...finding}) => finding), fixed}
  }

  private async look(flags: DoctorFlags): Promise<Diagnosis[]> {
    const setting = await this.setting(flags)
    const {file, problem} = await diagnoseEnvFile(path.join(setting.composeDir, '.env'))
    const engine = await this.engine(setting, flags, file)
    const folder = this.stateFolder(setting)
    return diagnose({setting, engine, folder, variables: file.variables, envProblem: problem, signal: this.signal})
  }

  /** One that cannot be mended does not keep the others from it. @returns what was done. */
  private async mend(found: readonly Diagnosis[], flags: DoctorFlags & {color?: boolean}): Promise<string[]> {
    const terminal = this.terminal(flags)
    const done: string[] = []
    for (const {remedy} of found) {
      if (remedy === undefined) continue
      const text = remedyText(remedy)
      try {
        if (!flags['dry-run']) await applyRemedy(remedy)
        terminal.write(`${flags['dry-run'] ? 'would' : 'did'}: ${text}`)
        done.push(text)
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error
        terminal.write(`! ${error.message} Type it yourself: ${text}`)
      }
    }
    return done
  }
}
