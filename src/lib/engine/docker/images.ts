import type Docker from 'dockerode'
import type {ObservedImage, RemoteDigest} from '../../model/observed.js'
import {registryTrouble} from './errors.js'
import {localImage} from './image-names.js'
import {within} from '../../time/within.js'
import type {Credentials} from './credentials.js'

/** What is on this machine under these references, and, for those in `ask`, what their registry has. */
export async function observeImages(
  docker: Docker,
  references: readonly string[],
  ask: ReadonlySet<string>,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Map<string, ObservedImage>> {
  const images = references.map(async (reference): Promise<[string, ObservedImage]> => {
    const [present, remote] = await Promise.all([
      local(docker, reference),
      ask.has(reference) ? remoteDigest(docker, reference, credentials, signal) : undefined,
    ])
    return [reference, {reference, ...present, remote}]
  })
  return new Map(await Promise.all(images))
}

type Local = Pick<ObservedImage, 'id' | 'digests' | 'version'>

async function local(docker: Docker, reference: string): Promise<Local> {
  const image = await localImage(docker, reference)
  return {id: image?.id, digests: image?.digests ?? [], version: image?.version}
}

/** Milliseconds a registry may take to say what it has. */
const REGISTRY_MS = 15_000
const LATE = 'the registry does not answer'

type Distribution = {readonly Descriptor: {readonly digest: string}}

/** One question to the registry, through the engine: no layer is fetched. A registry that cannot say is no failure. */
async function remoteDigest(docker: Docker, reference: string, credentials: Credentials, abortSignal: AbortSignal): Promise<RemoteDigest> {
  const pinned = /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1]
  if (pinned !== undefined) return {digest: pinned}
  try {
    const authconfig = await credentials(reference)
    const asked = docker.getImage(reference).distribution({abortSignal, ...(authconfig && {authconfig})}) as Promise<Distribution>
    const answer = await within(REGISTRY_MS, asked, () => undefined)
    return answer === undefined ? {unknown: LATE} : {digest: answer.Descriptor.digest}
  } catch (error) {
    if (abortSignal.aborted) throw error
    return {unknown: registryTrouble(error)}
  }
}
