import type {ChalkInstance} from 'chalk'
import type {ServiceStatus, StackStatus} from '../model/status.js'
import {openUpdateText} from './open-update-text.js'
import {age, columns, fit} from './text.js'

/** One line a service: mark, name, state, since when, image, ports; no wider than `room` columns. */
export function statusText(status: StackStatus, now: number, colours: ChalkInstance, room: number): string[] {
  const head = `${colours.bold(status.stack)} ${colours.dim(`(project ${status.project})`)}`
  const table = columns(status.services.map((service) => row(service, now, colours)))
  const {update, stack} = status
  const open = update === undefined ? [] : [`  ${openUpdateText(stack, update, now, colours)}`]
  return [head, ...open, ...table.map((line) => fit(`  ${line}`, room))]
}

function row(service: ServiceStatus, now: number, colours: ChalkInstance): string[] {
  const container = service.container
  const since = container?.state === 'running' && container.startedAt > 0 ? `up ${age(now - container.startedAt)}` : ''
  const image = container === undefined ? '' : colours.dim(container.image)
  return [
    mark(service, colours),
    colours.bold(service.service),
    said(service, colours),
    since,
    image,
    colours.dim((container?.ports ?? []).join(' ')),
  ]
}

const mark = ({verdict}: ServiceStatus, colours: ChalkInstance): string =>
  ({good: colours.green('✓'), waiting: colours.yellow('…'), bad: colours.red('✗'), idle: colours.dim('-')})[verdict]

function said({verdict, says}: ServiceStatus, colours: ChalkInstance): string {
  if (verdict === 'bad') return colours.red(says)
  return verdict === 'waiting' ? colours.yellow(says) : says
}
