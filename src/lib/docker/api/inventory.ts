import type Docker from 'dockerode'
import type {ContainerInfo} from 'dockerode'
import type {ListedContainer, ContainerState} from '../../model/container.js'
import {composeFiles} from './compose-labels.js'

const LABEL = 'com.docker.compose'

/** Every container of this machine, running or not; those of `docker compose run` are left out. One question. */
export async function inventory(docker: Docker, abortSignal: AbortSignal): Promise<ListedContainer[]> {
  const listed = await docker.listContainers({all: true, abortSignal})
  return listed.filter(({Labels}) => Labels[`${LABEL}.oneoff`] !== 'True').map(toListed)
}

const toListed = ({Id, Names, State, Image, Labels, Mounts}: ContainerInfo): ListedContainer => ({
  id: Id,
  name: (Names[0] ?? '').replace(/^\//, ''),
  state: State as ContainerState,
  image: Image,
  project: Labels[`${LABEL}.project`],
  service: Labels[`${LABEL}.service`],
  files: composeFiles(Labels),
  workingDir: Labels[`${LABEL}.project.working_dir`],
  binds: Mounts.flatMap(({Type, Source, Destination, RW}) =>
    Type === 'bind' ? [{source: Source, target: Destination, writable: RW}] : [],
  ),
})
