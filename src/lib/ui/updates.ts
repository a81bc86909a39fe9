import type {ChalkInstance} from 'chalk'
import {count} from '../util/text.js'
import type {OpenUpdate, ServiceOverview} from '../model/update.js'
import {openUpdateJson, type OpenUpdateJson} from './open-update.js'
import {columns, fit} from './table.js'

/** The --json form of `updates`. Part of the program's interface: fields are added, never renamed. */
export type UpdatesJson = {
  readonly paused?: {readonly since: string; readonly until?: string}
  readonly services: readonly ServiceOverview[]
  /** Updates that have not come to their end. */
  readonly open?: readonly ({readonly stack: string} & OpenUpdateJson)[]
  /** Stacks that could not be read: nothing is known of their services. */
  readonly unread?: readonly string[]
}

type Pause = {readonly since: number; readonly until?: number | undefined}

export function updatesJson(services: readonly ServiceOverview[], {paused, open = new Map(), unread = []}: Seen): UpdatesJson {
  const iso = (at: number): string => new Date(at).toISOString()
  return {
    ...(paused && {paused: {since: iso(paused.since), ...(paused.until !== undefined && {until: iso(paused.until)})}}),
    services,
    ...(open.size > 0 && {open: [...open].map(([stack, update]) => ({stack, ...openUpdateJson(update)}))}),
    ...(unread.length > 0 && {unread}),
  }
}

type Seen = {
  readonly paused: Pause | undefined
  /** Updates that have not come to their end, by stack. */
  readonly open?: ReadonlyMap<string, OpenUpdate>
  readonly unread?: readonly string[]
}

/** A line for each service that has something newer, or cannot tell; then how many have not. @param seen `unread`: stacks that nothing is known of. */
export function updatesText(services: readonly ServiceOverview[], seen: Seen, colours: ChalkInstance, room: number): string[] {
  const shown = services.filter(({is}) => is !== 'current')
  return [
    ...pauseText(seen.paused, colours),
    ...columns(shown.map((one) => row(one, colours))).map((line) => fit(line, room)),
    ...currentText(services.length, shown.length, seen.unread ?? [], colours),
    ...nextText(shown),
  ]
}

/** An empty list is no success: none was looked at. */
function currentText(all: number, shown: number, unread: readonly string[], colours: ChalkInstance): string[] {
  const unknown = unread.length === 0 ? [] : [`${colours.yellow('?')} Of ${unread.join(', ')} nothing is known.`]
  if (all === 0) return unread.length === 0 ? [colours.dim('No service was created yet, so none has an update.')] : unknown
  if (shown === 0 && unread.length === 0) return [`${colours.green('✓')} All ${count(all, 'service')} run the newest image of their tag.`]
  const current = all - shown
  const own = current === 1 ? 'runs the newest image of its tag.' : 'run the newest image of their tag.'
  return [colours.dim(`${count(current, shown === 0 ? 'service' : 'other service')} ${own}`), ...unknown]
}

function pauseText(paused: Pause | undefined, colours: ChalkInstance): string[] {
  if (paused === undefined) return []
  const until = paused.until === undefined ? '' : ` until ${new Date(paused.until).toISOString().slice(0, 16)} UTC`
  return [`${colours.yellow('!')} Updates are paused${until}. End it: homelab updates resume`]
}

function row({stack, service, version, is, newer, reason}: ServiceOverview, colours: ChalkInstance): string[] {
  const marks = {
    available: colours.green('↑'),
    held: colours.yellow('‖'),
    rejected: colours.red('↩'),
    unknown: colours.yellow('?'),
    current: ' ',
  }
  const words = {available: 'available', held: 'held back', rejected: 'rolled back before', unknown: 'not known', current: 'current'}
  const change = newer === undefined ? (version ?? '') : `${version ?? ''} → ${newer}`
  return [marks[is], colours.bold(`${stack}/${service}`), change, words[is], colours.dim(reason ?? '')]
}

const nextText = (shown: readonly ServiceOverview[]): string[] => [
  ...(shown.some(({is}) => is === 'available' || is === 'held') ? ['Apply: homelab updates apply [service…]'] : []),
  ...(shown.some(({is}) => is === 'rejected') ? ['Try a rejected one again: homelab stack <stack> update <service> --retry-rejected'] : []),
]
