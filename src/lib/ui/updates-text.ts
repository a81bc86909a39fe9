import type {ChalkInstance} from 'chalk'
import {count} from '../model/count.js'
import type {OpenUpdate} from '../model/update.js'
import type {ServiceOverview} from '../model/update-overview.js'
import {openUpdateJson, type OpenUpdateJson} from './open-update-text.js'
import {columns, fit} from './text.js'

/** The --json form of `updates`. Part of the program's interface: fields are added, never renamed. */
export type UpdatesJson = {
  readonly paused?: {readonly since: string; readonly until?: string}
  readonly services: readonly ServiceOverview[]
  /** Updates that have not come to their end. */
  readonly open?: readonly ({readonly stack: string} & OpenUpdateJson)[]
}

type Pause = {readonly since: number; readonly until?: number | undefined}

export function updatesJson(
  services: readonly ServiceOverview[],
  paused: Pause | undefined,
  open: ReadonlyMap<string, OpenUpdate> = new Map(),
): UpdatesJson {
  const iso = (at: number): string => new Date(at).toISOString()
  return {
    ...(paused && {paused: {since: iso(paused.since), ...(paused.until !== undefined && {until: iso(paused.until)})}}),
    services,
    ...(open.size > 0 && {open: [...open].map(([stack, update]) => ({stack, ...openUpdateJson(update)}))}),
  }
}

/** A line for each service that has something newer, or cannot tell; then how many have not. */
export function updatesText(
  services: readonly ServiceOverview[],
  paused: Pause | undefined,
  colours: ChalkInstance,
  room: number,
): string[] {
  const shown = services.filter(({is}) => is !== 'current')
  const current = services.length - shown.length
  return [
    ...pauseText(paused, colours),
    ...columns(shown.map((one) => row(one, colours))).map((line) => fit(line, room)),
    current === services.length
      ? `${colours.green('✓')} All ${count(services.length, 'service')} run the newest image of their tag.`
      : colours.dim(
          `${count(current, 'other service')} ${current === 1 ? 'runs' : 'run'} the newest image of ${current === 1 ? 'its' : 'their'} tag.`,
        ),
    ...nextText(shown),
  ]
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
