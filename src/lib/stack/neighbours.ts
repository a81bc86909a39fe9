import type {DeclaredStack, StackFiles} from '../model/stack.js'
import type {ObservedContainer, ObservedStack} from '../model/container.js'

/** The other stacks of the homelab: several Compose files may share one project. */
export type Neighbours = {
  readonly files: readonly StackFiles[]
  /** Those that were read; none, unless something is there that the stack itself does not declare. */
  readonly declared: readonly DeclaredStack[]
  /** Names of those that could not be read: what they declare is not known. */
  readonly unread: readonly string[]
}

export const NO_NEIGHBOURS: Neighbours = {files: [], declared: [], unread: []}

/**
 * A container of the stack's project that the stack does not declare.
 * - `own`: it was made from the stack's files, which no longer declare it.
 * - `nobody`: no Compose file of the homelab declares it, or was used to make it.
 * - `unknown`: as `nobody`, but a file that may declare it could not be read.
 */
export type Leftover = {readonly container: ObservedContainer; readonly is: 'own' | 'nobody' | 'unknown'}

/** Whether it takes the neighbours' declarations to tell whose everything of the project is. */
export const hasUndeclared = (stack: DeclaredStack, {containers, ownNetworks}: ObservedStack): boolean =>
  [...containers.keys()].some((service) => !stack.services.has(service)) || ownNetworks.some((name) => !stack.ownNetworks.includes(name))

/** What the stack does not declare, and no neighbour has. Pure. */
export function leftovers(stack: DeclaredStack, observed: ObservedStack, neighbours: Neighbours): Leftover[] {
  return [...observed.containers.values()].flatMap((container): Leftover[] => {
    if (stack.services.has(container.service)) return []
    const is = standing(stack, container, neighbours)
    return is === 'neighbour' ? [] : [{container, is}]
  })
}

function standing(stack: DeclaredStack, {service, files = []}: ObservedContainer, neighbours: Neighbours): Leftover['is'] | 'neighbour' {
  const declared = neighbours.declared.some(({project, services}) => project === stack.project && services.has(service))
  if (declared || belongsToNeighbour(stack, files, neighbours.files)) return 'neighbour'
  if (shares(stack, files)) return 'own'
  if (neighbours.files.some((other) => shares(other, files))) return 'neighbour'
  return neighbours.unread.length > 0 ? 'unknown' : 'nobody'
}

const shares = (stack: StackFiles, files: readonly string[]): boolean => files.some((file) => stack.files.includes(file))

/** Made from a neighbour's files alone. Two stacks may have a file in common, so one shared file does not tell. */
export function belongsToNeighbour(stack: StackFiles, files: readonly string[], neighbours: readonly StackFiles[]): boolean {
  const allOf = (other: StackFiles): boolean => files.length > 0 && files.every((file) => other.files.includes(file))
  return !allOf(stack) && neighbours.some(allOf)
}

/** Networks of the project that neither the stack nor a neighbour declares; none while a neighbour could not be read. Pure. */
export function undeclaredNetworks(stack: DeclaredStack, {ownNetworks}: ObservedStack, {declared, unread}: Neighbours): string[] {
  if (unread.length > 0) return []
  const known = [stack, ...declared.filter(({project}) => project === stack.project)].flatMap((one) => one.ownNetworks)
  return ownNetworks.filter((name) => !known.includes(name))
}
