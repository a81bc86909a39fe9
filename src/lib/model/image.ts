/** Our own name of an old image: it keeps `docker image prune` from removing it, and tells when it was left. */

/** @param op Of the update that left it; sorts by time. */
export const keptName = (project: string, service: string, op: string): string => `${keptRepository(project, service)}:${op}`

export const keptRepository = (project: string, service: string): string => `homelab-kept/${component(project)}/${component(service)}`

/** What a repository's name may be made of: https://pkg.go.dev/github.com/distribution/reference */
const component = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '') || 'x'

/** The repository of a reference, without tag and digest. */
export function repositoryOf(reference: string): string {
  const [name = ''] = reference.split('@')
  return /^(.*[^/]):[^/:]+$/.exec(name)?.[1] ?? name
}

/** The tag of a reference; undefined for one that names none, or only a digest. */
export const tagOf = (reference: string): string | undefined => /:([^/:@]+)(?:@.*)?$/.exec(reference.replace(/@sha256:.*$/, ''))?.[1]

/** Characters. Docker allows a name of 255, a tag of 128 and a digest. */
const LONGEST = 512

const HOST = String.raw`(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?`
const PART = String.raw`[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*`
const TAG = String.raw`\w[\w.-]{0,127}`
const DIGEST = String.raw`[a-zA-Z][a-zA-Z0-9]*(?:[-_+.][a-zA-Z][a-zA-Z0-9]*)*:[0-9a-fA-F]{32,128}`
const REFERENCE = new RegExp(`^(?:${HOST}/)?${PART}(?:/${PART})*(?::${TAG})?(?:@${DIGEST})?$`)

/** What `image:` may say: a name, with a tag or a digest if need be. No `$`, which Compose would replace. */
export const isImageReference = (text: string): boolean => text.length <= LONGEST && REFERENCE.test(text)

/** Images that homelab pinned, by service. A pin takes the place of the image that the stack's own files declare. */
export type Pins = ReadonlyMap<string, string>

/** Merged after a stack's own files. It is ours, and lies in the Compose folder. */
export const pinsFileName = (stack: string): string => `${stack}.pins.yml`
