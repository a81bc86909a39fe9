import * as Flags from '@oclif/core/flags'
import {HomelabCommand} from '../lib/cli/base-command.js'
import {operations, type Operation} from '../lib/journal/operations.js'
import {selectOperations, type Wanted, parseSince} from '../lib/journal/query.js'
import {nearest} from '../lib/util/nearest.js'
import {stateFolder} from '../lib/config/environment.js'
import {readJournal} from '../lib/journal/read.js'
import {historyJson, type HistoryJson, historyText} from '../lib/ui/history.js'
import {localTime, ourOffset} from '../lib/ui/table.js'
import {palette} from '../lib/ui/palette.js'
import {count} from '../lib/util/text.js'

/** Needs neither Docker nor a homelab: it is read most where something is broken. */
export default class History extends HomelabCommand {
  static override summary = 'What was done, when and why: by the watcher, by cron and by hand. The newest stands last.'
  static override examples = [
    'homelab history --since yesterday',
    'homelab history --service gluetun --since 2d',
    'homelab history --stack torrent -n 5 --json',
  ]
  static override flags = {
    service: Flags.string({summary: 'Only what was done to this service.', helpValue: '<name>'}),
    stack: Flags.string({summary: 'Only operations on this stack.', helpValue: '<name>'}),
    since: Flags.string({summary: 'Only what happened since: 30m, 12h, 2d, today, yesterday, 2026-11-22, …', helpValue: '<when>'}),
    lines: Flags.integer({char: 'n', summary: 'At most so many operations, the newest ones.', min: 1, default: 20, helpValue: '<number>'}),
  }

  async run(): Promise<HistoryJson> {
    const {flags} = await this.parse(History)
    const since = flags.since === undefined ? undefined : parseSince(flags.since, new Date())
    const wanted = {stack: flags.stack, service: flags.service, since}
    const folder = stateFolder(this.environment, process.getuid?.() ?? 0)
    const all = operations(await readJournal(folder))
    const fitting = selectOperations(all, wanted)
    const shown = fitting.slice(-flags.lines)
    const earlier = fitting.length - shown.length
    const terminal = this.terminal(flags)
    const colours = palette(terminal)
    if (earlier > 0) terminal.write(colours.dim(`${count(earlier, 'earlier operation')} not shown; all of them: -n ${fitting.length}`))
    shown.flatMap((operation) => historyText(operation, colours, ourOffset)).forEach((line) => terminal.write(line))
    if (shown.length === 0) terminal.write(nothing(all, wanted, folder))
    return historyJson(shown, earlier)
  }
}

/** Why there is nothing to show. */
function nothing(all: readonly Operation[], {stack, service, since}: Wanted, folder: string): string {
  if (all.length === 0) return `Nothing has been done yet: ${folder} has no operation.`
  const never = (word: string | undefined, what: string, names: readonly string[]): string | undefined => {
    if (word === undefined || names.includes(word)) return undefined
    const near = nearest(word, [...new Set(names)])
    return `No operation was about a ${what} "${word}".${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''}`
  }
  const targets = all.flatMap(({steps}) => steps.map(({target}) => target))
  return (
    never(
      stack,
      'stack',
      all.map((operation) => operation.stack),
    ) ??
    never(service, 'service', targets) ??
    `Nothing was done ${since === undefined ? 'that fits' : `since ${localTime(since, ourOffset)}`}.`
  )
}
