import type Docker from 'dockerode'
import type {Identity} from '../engine.js'

const PROJECT = 'com.docker.compose.project'

/** Every container of a Compose project, running or not: whose it is, by container id. */
export async function identities(docker: Docker, abortSignal: AbortSignal): Promise<Map<string, Identity>> {
  const listed = await docker.listContainers({all: true, filters: {label: [PROJECT]}, abortSignal})
  return new Map(
    listed.map(({Id, Labels}) => [Id, {project: Labels[PROJECT] ?? '', service: Labels['com.docker.compose.service'] ?? ''}] as const),
  )
}
