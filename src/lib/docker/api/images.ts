import {setTimeout as sleep} from 'node:timers/promises'
import type Docker from 'dockerode'
import type {ObservedImage, RemoteDigest} from '../../model/container.js'
import {within} from '../../util/timeout.js'
import type {LocalImage} from '../engine.js'
import {registryTrouble, isConflict, isNotFound} from '../errors.js'
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

/** The names of images on this machine: what they name, and how they are moved. */

const VERSION = 'org.opencontainers.image.version'

/** Under its id or a reference. */
export async function localImage(docker: Docker, name: string): Promise<LocalImage | undefined> {
  try {
    const {Id, RepoTags, RepoDigests, Config, Created, Architecture} = await docker.getImage(name).inspect()
    const created = Date.parse(Created)
    const image = {
      id: Id,
      references: RepoTags ?? [],
      digests: digestsOf(RepoDigests),
      version: Config?.Labels?.[VERSION],
      architecture: Architecture,
    }
    // Reproducible builds say 1970 or nothing.
    return created > 0 ? {...image, created} : image
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** Those that have a name in this repository. */
export async function imagesOf(docker: Docker, repository: string): Promise<LocalImage[]> {
  const listed = await listedImages(docker, repository)
  return listed.map(({Id, RepoTags, RepoDigests, Labels}) => ({
    id: Id,
    references: RepoTags ?? [],
    digests: digestsOf(RepoDigests),
    version: Labels?.[VERSION],
  }))
}

const LISTINGS = 4
const LISTING_REST_MS = 250

/**
 * With the containerd image store a listing fails with "content digest …: not found" while any image on the machine is being
 * removed (https://github.com/moby/moby/issues/52688): it is asked again.
 */
async function listedImages(docker: Docker, repository: string): Promise<Docker.ImageInfo[]> {
  for (let asked = 1; ; asked += 1) {
    try {
      return await docker.listImages({filters: {reference: [repository]}})
    } catch (error) {
      if (asked === LISTINGS || !/content digest \S+: not found/.test(String(error))) throw error
      await sleep(LISTING_REST_MS)
    }
  }
}

export async function tagImage(docker: Docker, image: string, reference: string): Promise<void> {
  const colon = reference.lastIndexOf(':')
  const named = colon > reference.lastIndexOf('/')
  await docker.getImage(image).tag(named ? {repo: reference.slice(0, colon), tag: reference.slice(colon + 1)} : {repo: reference})
}

/** The image itself goes with its last name, unless a container uses it. */
export async function untagImage(docker: Docker, reference: string): Promise<void> {
  try {
    await docker.getImage(reference).remove()
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}

const digestsOf = (named: readonly string[] | null | undefined): string[] => (named ?? []).map((digest) => digest.replace(/^.*@/, ''))
