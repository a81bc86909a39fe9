import {readlink} from 'node:fs/promises'
import Docker from 'dockerode'
import {execa} from 'execa'
import {timed} from '../../lab/time-spent.js'
import {eventually} from './eventually.js'

/** What the tests ask Docker themselves, past the program under test. */

type Inspected = {
  Id: string
  Image: string
  State: {Status: string; Pid: number; StartedAt: string; Health?: {Status: string}}
  HostConfig: {NetworkMode: string}
  Config: {Labels: Record<string, string>}
}

export const docker = (...args: readonly string[]): Promise<string> => timed('docker', async () => (await execa('docker', args)).stdout)

/**
 * `docker images`. While another file's image is being removed, the containerd image store answers "content digest …: not
 * found" (https://github.com/moby/moby/issues/52688): asked again.
 */
export const images = (...args: readonly string[]): Promise<string> =>
  eventually(async () => ({listed: await docker('images', ...args)}), {within: 10, what: 'docker images'}).then(({listed}) => listed)

/** Through the API: it is asked again and again, and a start of the CLI costs ten times as much. */
export const inspect = (container: string): Promise<Inspected> =>
  timed('docker', async () => (await new Docker().getContainer(container).inspect()) as unknown as Inspected)

export const imageId = async (reference: string): Promise<string> => docker('image', 'inspect', '--format', '{{.Id}}', reference)

/** Ids and start times: equal before and after means that nothing was touched. */
export async function fingerprint(prefix: string): Promise<string[]> {
  const ids = await containersOf(prefix)
  const seen = await Promise.all(ids.map((id) => inspect(id)))
  return seen.map(({Id, State}) => `${Id} ${State.Status} ${State.StartedAt}`).toSorted()
}

export async function containersOf(prefix: string): Promise<string[]> {
  const found = await new Docker().listContainers({all: true, filters: {label: [`io.homelab.lab=${prefix}`]}})
  return found.map(({Id}) => Id)
}

/** The network namespace that a container's process really is in, as the kernel says. */
export async function namespaceOf(container: string): Promise<string> {
  const {State} = await inspect(container)
  return State.Pid === 0 ? 'none' : readlink(`/proc/${State.Pid}/ns/net`)
}

/** What a container's web server says through a published port. */
export async function ask(port: number | undefined, path = '/'): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {signal: AbortSignal.timeout(3000)})
  return answer.text()
}
