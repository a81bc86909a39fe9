import * as Flags from '@oclif/core/flags'
import {usageError} from '../../lib/util/errors.js'
import {UpdatesCommand} from '../../lib/cli/updates-command.js'

const UNIT_MS: Readonly<Record<string, number>> = {m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000}

export default class UpdatesPause extends UpdatesCommand {
  static override summary = 'Apply no update by itself, until resumed; what is announced meanwhile is kept.'
  static override examples = ['homelab updates pause', 'homelab updates pause --for 7d']
  static override flags = {for: Flags.string({summary: 'For so long: 90m, 12h, 7d, 2w.', helpValue: '<time>'})}

  async run(): Promise<{paused: true; until?: string}> {
    const {flags} = await this.parse(UpdatesPause)
    const setting = await this.setting(flags)
    const since = Date.now()
    const until = flags.for === undefined ? undefined : since + lengthOf(flags.for)
    await this.pauseOf(setting).pause({since, ...(until !== undefined && {until})})
    const end = until === undefined ? 'until: homelab updates resume' : `until ${new Date(until).toISOString().slice(0, 16)} UTC`
    this.log(`Updates are paused, ${end}. By hand they go on: homelab stack <stack> update`)
    return {paused: true, ...(until !== undefined && {until: new Date(until).toISOString()})}
  }
}

/** @throws OperatorError (2) */
function lengthOf(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,4})([mhdw])$/.exec(text) ?? []
  if (number === '' || Number(number) === 0)
    throw usageError(`"${text}" is no length of time.`, ['Say for example: --for 90m, --for 12h, --for 7d'])
  return Number(number) * (UNIT_MS[unit] ?? 0)
}
