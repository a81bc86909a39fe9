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
