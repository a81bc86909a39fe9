import * as Flags from '@oclif/core/flags'
import {HomelabCommand} from '../lib/base-command.js'
import {operations, type Operation} from '../lib/model/operation.js'
import {parseSince} from '../lib/model/since.js'
import {stateFolder} from '../lib/state/folder.js'
import {readJournal} from '../lib/state/read-journal.js'
import {historyText} from '../lib/ui/history-text.js'
import {palette} from '../lib/ui/palette.js'

type HistoryJson = {operations: readonly Operation[]}

export default class History extends HomelabCommand {
  static override summary = 'What was done, when, by whom and why: every operation of the commands and of the watcher.'
  static override examples = ['homelab history', 'homelab history --since yesterday', 'homelab history --service sonarr --json']
  static override flags = {
    service: Flags.string({summary: 'Only what was done to this service.', helpValue: '<name>'}),
    stack: Flags.string({summary: 'Only what was done to this stack.', helpValue: '<name>'}),
    since: Flags.string({summary: 'Only since then: 30m, 12h, 2d, today, yesterday, 2026-11-22, 2026-11-22T21:30.', helpValue: '<when>'}),
    lines: Flags.integer({char: 'n', summary: 'How many operations, the newest; 0: all.', min: 0, default: 20, helpValue: '<count>'}),
  }

  async run(): Promise<HistoryJson> {
    const {flags} = await this.parse(History)
    const since = flags.since === undefined ? -Infinity : parseSince(flags.since, new Date())
    const all = operations(await readJournal(stateFolder(this.environment, process.getuid?.() ?? 0)))
    const chosen = all
      .filter(({startedAt, stack}) => Date.parse(startedAt) >= since && (flags.stack ?? stack) === stack)
      .flatMap((operation) => about(operation, flags.service) ?? [])
      .slice(-flags.lines)
    const terminal = this.terminal(flags)
    historyText(chosen, palette(terminal)).forEach((line) => this.log(line))
    if (chosen.length === 0) this.log(all.length === 0 ? 'Nothing has been done yet.' : 'Nothing of that kind was done.')
    return {operations: chosen}
  }
}

/** With the steps of that service only; undefined if it has none. */
function about(operation: Operation, service: string | undefined): Operation | undefined {
  if (service === undefined) return operation
  const steps = operation.steps.filter(({target}) => target === service)
  return steps.length === 0 ? undefined : {...operation, steps}
}
