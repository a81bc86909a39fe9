import Docker from 'dockerode'
import {containersOf, docker} from './docker.js'

const LABEL = 'io.homelab.lab'

/** Everything of a lab that a command could have changed; equal before and after means that nothing was touched. */
export async function worldOf(lab: string): Promise<string[]> {
  const engine = new Docker()
  const [listed, networks, images] = await Promise.all([
    engine.listContainers({all: true, filters: {label: [`${LABEL}=${lab}`]}}),
    engine.listNetworks(),
    engine.listImages(),
  ])
  const containers = await Promise.all(listed.map(({Id}) => engine.getContainer(Id).inspect()))
  const tags = images.flatMap(({Id, RepoTags}) => (RepoTags ?? []).map((tag) => `${Id} ${tag}`))
  return [
    ...containers.map(({Id, Name, State}) => `${Id} ${Name} ${State.Status} ${State.StartedAt}`),
    ...networks.map(({Id, Name}) => `${Id} ${Name}`).filter((line) => line.includes(lab)),
    ...tags.filter((line) => line.includes(lab)),
  ].toSorted()
}

/** Names that Compose gives a container while it recreates it; one that is left over was half recreated. */
export async function halfRecreated(lab: string): Promise<string[]> {
  const ids = await containersOf(lab)
  if (ids.length === 0) return []
  const names = await docker('inspect', '--format', '{{.Name}}', ...ids)
  return names.split('\n').filter((name) => /^\/[0-9a-f]{12}_/.test(name))
}
