import type Docker from 'dockerode'
import {joinedContainer} from '../../model/gateway.js'
import type {DeclaredStack} from '../../model/stack.js'
import type {ObservedContainer, ObservedStack} from '../../model/container.js'
import {inspectContainer, withNamespace} from './containers.js'

/**
 * The containers outside of the stack whose network namespace one of its services has joined, by what its network mode
 * names. Without such a service nothing is asked.
 */
export async function observeHosts(
  docker: () => Promise<Docker>,
  stack: DeclaredStack,
  containers: ReadonlyMap<string, ObservedContainer>,
  abortSignal: AbortSignal,
): Promise<NonNullable<ObservedStack['hosts']>> {
  const own = [...containers.values()]
  const guests = own.filter(({service}) => stack.services.get(service)?.gateway === undefined)
  const joined = new Set(guests.flatMap((container) => joinedContainer(container) ?? []))
  const foreign = [...joined].filter((target) => !own.some(({id, name}) => id === target || name === target))
  const looks = foreign.map(async (target) => {
    const found = await inspectContainer(await docker(), target, abortSignal)
    return [target, found && withNamespace(found)] as const
  })
  return new Map(await Promise.all(looks))
}
