import type {OperatorError} from '../model/operator-error.js'
import type {StackStatus} from '../model/status.js'
import {openUpdateJson, type OpenUpdateJson} from './open-update-text.js'

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
