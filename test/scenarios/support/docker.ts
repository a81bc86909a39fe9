import {readlink} from 'node:fs/promises'
import {execa} from 'execa'

/** What the tests ask Docker themselves, past the program under test. */

type Inspected = {
  Id: string
  Image: string
  State: {Status: string; Pid: number; StartedAt: string; Health?: {Status: string}}
  HostConfig: {NetworkMode: string}
  Config: {Labels: Record<string, string>}
}

export async function docker(...args: readonly string[]): Promise<string> {
  return (await execa('docker', args)).stdout
}

export async function inspect(container: string): Promise<Inspected> {
  const [found] = JSON.parse(await docker('inspect', '--type', 'container', container)) as Inspected[]
  if (found === undefined) throw new Error(`${container} is not there`)
  return found
}

export const imageId = async (reference: string): Promise<string> => docker('image', 'inspect', '--format', '{{.Id}}', reference)

/** Ids and start times: equal before and after means that nothing was touched. */
export async function fingerprint(prefix: string): Promise<string[]> {
  const ids = await containersOf(prefix)
  const seen = await Promise.all(ids.map((id) => inspect(id)))
  return seen.map(({Id, State}) => `${Id} ${State.Status} ${State.StartedAt}`).toSorted()
}

export async function containersOf(prefix: string): Promise<string[]> {
  const text = await docker('ps', '-aq', '--no-trunc', '--filter', `label=io.homelab.lab=${prefix}`)
  return text.split('\n').filter((id) => id !== '')
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
