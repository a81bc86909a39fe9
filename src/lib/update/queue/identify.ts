import type {DeclaredStack} from '../../model/stack.js'

type Announced = {
  readonly containerId?: string | undefined
  readonly name: string
  readonly labels?: {readonly project?: string | undefined; readonly service?: string | undefined} | undefined
}

type Known = {
  readonly stacks: readonly DeclaredStack[]
  /** By container id. */
  readonly containers: ReadonlyMap<string, {readonly project: string; readonly service: string}>
}

type Place = {readonly stack: string; readonly service: string}

/**
 * Which service an announced container is: by its id, else by Compose's labels, else by its name, which may be stale, or
 * mangled by a recreation (`8b3b3c4de280_homeassistant`). `foreign`: of a project that is none of ours. Pure.
 */
export function identify({containerId, name, labels}: Announced, {stacks, containers}: Known): Place | 'foreign' | 'unknown' {
  const present = containerId === undefined ? undefined : containers.get(containerId)
  if (present !== undefined) return placeIn(stacks, present.project, present.service) ?? 'foreign'
  return (
    byLabels(labels ?? {}, stacks) ??
    byName(name.replace(/^\//, ''), stacks) ??
    byName(name.replace(/^\/?[0-9a-f]{12}_/, ''), stacks) ??
    'unknown'
  )
}

/** undefined: they do not tell. */
function byLabels({project, service}: NonNullable<Announced['labels']>, stacks: readonly DeclaredStack[]): Place | 'foreign' | undefined {
  if (project === undefined) return undefined
  if (service !== undefined) return placeIn(stacks, project, service) ?? 'foreign'
  return stacks.some((stack) => stack.project === project) ? undefined : 'foreign'
}

function placeIn(stacks: readonly DeclaredStack[], project: string, service: string): Place | undefined {
  const stack = stacks.find((one) => one.project === project && one.services.has(service))
  return stack && {stack: stack.name, service}
}

/** Compose's `<project>-<service>-<number>`; or a name that only one service has. */
function byName(name: string, stacks: readonly DeclaredStack[]): Place | undefined {
  const full = /^(.+)[-_]\d+$/.exec(name)?.[1] ?? ''
  const places = stacks.flatMap((stack) => [...stack.services.keys()].map((service) => ({stack, service})))
  const found = places
    .filter(({stack, service}) => full === `${stack.project}-${service}` || full === `${stack.project}_${service}`)
    .toSorted((a, b) => b.stack.project.length - a.stack.project.length)[0]
  if (found !== undefined) return {stack: found.stack.name, service: found.service}
  const bare = places.filter(({service}) => service === name)
  const [only] = bare
  return bare.length === 1 && only !== undefined ? {stack: only.stack.name, service: only.service} : undefined
}
