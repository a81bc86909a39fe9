import {containersOf, docker, fingerprint} from './docker.js'

/** Everything of a lab that a command could have changed; equal before and after means that nothing was touched. */
export async function worldOf(lab: string): Promise<string[]> {
  const [containers, networks, images] = await Promise.all([
    fingerprint(lab),
    docker('network', 'ls', '--no-trunc', '--format', '{{.ID}} {{.Name}}'),
    docker('images', '--no-trunc', '--format', '{{.ID}} {{.Repository}}:{{.Tag}}'),
  ])
  const own = (text: string): string[] => text.split('\n').filter((line) => line.includes(lab))
  return [...containers, ...own(networks).toSorted(), ...own(images).toSorted()]
}

/** Names that Compose gives a container while it recreates it; one that is left over was half recreated. */
export async function halfRecreated(lab: string): Promise<string[]> {
  const ids = await containersOf(lab)
  if (ids.length === 0) return []
  const names = await docker('inspect', '--format', '{{.Name}}', ...ids)
  return names.split('\n').filter((name) => /^\/[0-9a-f]{12}_/.test(name))
}
