import type {ChalkInstance} from 'chalk'
import type {ServiceStatus, StackStatus} from '../stack/status.js'
import type {OperatorError} from '../util/errors.js'
import {openUpdateText, openUpdateJson, type OpenUpdateJson} from './open-update.js'
import {columns, fit} from './table.js'
import {age} from '../util/text.js'

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

/** The --json form of `status`. Part of the program's interface: fields are added, never renamed. */
export type StatusJson = {
  stacks: {stack: string; project: string; update?: OpenUpdateJson; services: ServiceJson[]}[]
  errors: {stack: string; message: string; next: readonly string[]; exitCode: number}[]
}

type ServiceJson = {
  service: string
  verdict: string
  says: string
  state: string
  health?: string
  container?: string
  image?: string
  imageId?: string
  startedAt?: string
  restarts?: number
  ports?: readonly string[]
}

export function statusJson(all: readonly StackStatus[], failed: readonly {stack: string; error: OperatorError}[]): StatusJson {
  return {
    stacks: all.map(({stack, project, update, services}) => ({
      stack,
      project,
      ...(update && {update: openUpdateJson(update)}),
      services: services.map(serviceJson),
    })),
    errors: failed.map(({stack, error}) => ({stack, message: error.message, next: error.next, exitCode: error.exitCode})),
  }
}

function serviceJson({service, verdict, says, container}: StackStatus['services'][number]): ServiceJson {
  if (container === undefined) return {service, verdict, says, state: 'missing'}
  const {state, health, id, image, imageId, startedAt, restarts, ports} = container
  return {
    service,
    verdict,
    says,
    state,
    health,
    container: id,
    image,
    imageId,
    startedAt: new Date(startedAt).toISOString(),
    restarts,
    ports,
  }
}
