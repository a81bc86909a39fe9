import type Docker from 'dockerode'
import type {ContainerInfo} from 'dockerode'
import {isNotFound} from '../errors.js'

const LABEL = 'com.docker.compose'

/** "<12 digits of the old id>_<name>", docker/compose v2.26, pkg/compose/convergence.go */
const TEMPORARY = /^\/[0-9a-f]{12}_/

/**
 * Removes what a killed Compose has left beside a service's own container: a new one that was made, never started, and
 * still has its temporary name. As long as it is there, each later recreation fails on that name ("Conflict", measured with
 * Compose 2.26.1). Where the old container is gone, nothing is removed: then it is the only one.
 */
export async function removeHalfRecreated(docker: Docker, project: string, services: readonly string[]): Promise<void> {
  const listed = await docker.listContainers({all: true, filters: {label: [`${LABEL}.project=${project}`]}})
  const own = listed.filter(({Labels}) => services.includes(Labels[`${LABEL}.service`] ?? '') && Labels[`${LABEL}.oneoff`] !== 'True')
  const hasAnother = ({Labels}: ContainerInfo): boolean =>
    own.some((other) => other.Labels[`${LABEL}.service`] === Labels[`${LABEL}.service`] && !isHalfMade(other))
  for (const left of own.filter((one) => isHalfMade(one) && hasAnother(one))) await remove(docker, left.Id)
}

const isHalfMade = ({State, Names}: ContainerInfo): boolean => State === 'created' && Names.every((name) => TEMPORARY.test(name))

async function remove(docker: Docker, id: string): Promise<void> {
  try {
    await docker.getContainer(id).remove()
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
