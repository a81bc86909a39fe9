import {dependentsOf} from '../model/stack.js'
import {leftovers, NO_NEIGHBOURS, undeclaredNetworks, type Leftover} from './neighbours.js'
import type {Plan, Stage, Step, Untouched} from '../model/plan.js'
import {takesAlong} from './plan-up.js'
import {levels} from './stages.js'
import {selectServices} from './select.js'
import type {Intent, World} from './snapshot.js'

type Ending = {readonly verb: 'stop' | 'down'; readonly action: 'stop' | 'remove'}

/** `stop`: dependents first, all at once, then their gateway. */
export const planStop = (world: World, intent: Intent): Plan => takeDown(world, intent, {verb: 'stop', action: 'stop'})

/** `down`: as `stop`, and removes the containers; at the end the networks, if nothing else uses them. */
export function planDown(world: World, intent: Intent): Plan {
  const plan = takeDown(world, intent, {verb: 'down', action: 'remove'})
  if (intent.services.length > 0) return plan
  const stay = intent.orphans ? [] : undeclaredNetworks(world.stack, world.observed, neighboursOf(world))
  return {
    ...plan,
    stages: [...plan.stages, leavingNetworks(world, intent)].filter((stage) => stage.length > 0),
    notes: [...plan.notes, ...stay.map((name) => `the network ${name} stays: ${undeclared(world)}`)],
  }
}

/** As `docker compose down`: the networks of these files. Each is kept if a container, also a stopped one, still refers to it. */
function leavingNetworks(world: World, {orphans}: Intent): Step[] {
  const {stack, observed} = world
  const remove = (name: string, reason: string): Step => ({action: 'remove-network', target: name, reason, needs: []})
  const shared = stack.sharedNetworks.filter(({name, subnet}) => subnet !== undefined && observed.networks.has(name))
  const left = orphans ? undeclaredNetworks(stack, observed, neighboursOf(world)) : []
  return [
    ...observed.ownNetworks.filter((name) => stack.ownNetworks.includes(name)).map((name) => remove(name, 'it belongs to this stack')),
    ...left.map((name) => remove(name, ORPHAN)),
    ...shared.map(({name}) => remove(name, 'unless another container uses it')),
  ]
}

const neighboursOf = ({neighbours = NO_NEIGHBOURS}: World): typeof NO_NEIGHBOURS => neighbours

const ORPHAN = 'no Compose file of the homelab declares it (--orphans)'

const undeclared = ({stack}: World): string =>
  `no Compose file of the homelab declares it; homelab stack ${stack.name} down --orphans removes it`

function takeDown(world: World, intent: Intent, ending: Ending): Plan {
  const wanted = everythingToEnd(world, intent)
  const along = wanted.flatMap((name) => dependentsOf(world.stack, name).map((service) => service.name))
  const all = [...new Set([...wanted, ...along])]
  const ends = (name: string): Step[] => endStep(world, name, wanted.includes(name), ending)
  const stages: Stage[] = levels(world.stack, all)
    .toReversed()
    .map((level) => level.flatMap(ends))
  const acted = new Set(stages.flat().map(({target}) => target))
  const left = leftAlone(world, intent, wanted)
  return {
    stack: world.stack.name,
    verb: ending.verb,
    stages: stages.filter((stage) => stage.length > 0),
    untouched: [...wanted.filter((name) => !acted.has(name)).map((service) => ({service, reason: leftReason(world, service)})), ...left],
    notes: alongNotes(world, wanted, acted),
    lookAgain: false,
  }
}

/**
 * The whole stack includes what runs although it is in no active profile, or no longer in the files that it was made from.
 * What other files of the project made stays, as it does for `docker compose down`.
 */
function everythingToEnd(world: World, intent: Intent): string[] {
  const {stack, observed} = world
  const selected = selectServices(stack, intent.services)
  if (intent.services.length > 0) return selected
  const present = [...observed.containers.keys()].filter((service) => stack.services.has(service))
  const left = leftoversOf(world).filter((one) => one.is === 'own' || isAskedOrphan(one, intent))
  return [...new Set([...selected, ...present, ...left.map(({container}) => container.service)])]
}

const leftoversOf = (world: World): Leftover[] => leftovers(world.stack, world.observed, neighboursOf(world))

const isAskedOrphan = ({is}: Leftover, {orphans}: Intent): boolean => is === 'nobody' && orphans === true

function leftAlone(world: World, intent: Intent, wanted: readonly string[]): Untouched[] {
  if (intent.services.length > 0) return []
  const {unread} = neighboursOf(world)
  return leftoversOf(world)
    .filter(({container}) => !wanted.includes(container.service))
    .map(({container: {service}, is}) => {
      return {service, reason: is === 'unknown' ? `${unread.join(', ')} could not be read, and may declare it` : undeclared(world)}
    })
}

function endStep(world: World, name: string, asked: boolean, {action}: Ending): Step[] {
  const container = world.observed.containers.get(name)
  if (container === undefined) return []
  if (action === 'stop' && !['running', 'restarting', 'paused'].includes(container.state)) return []
  const gateway = world.stack.services.get(name)?.gateway
  const reason = asked ? askedReason(world, name) : `it lives in ${gateway}'s network namespace, which goes away`
  return [{action, target: name, reason, needs: [], container: container.id}]
}

function askedReason(world: World, name: string): string {
  if (world.stack.services.has(name)) return 'asked for'
  const own = leftoversOf(world).some(({container, is}) => container.service === name && is === 'own')
  return own ? 'it was made from the files of this stack, which no longer declare it' : ORPHAN
}

const leftReason = (world: World, name: string): string => (world.observed.containers.has(name) ? 'it is stopped' : 'it has no container')

function alongNotes(world: World, wanted: readonly string[], acted: ReadonlySet<string>): string[] {
  return wanted.flatMap((gateway) => {
    const along = dependentsOf(world.stack, gateway)
      .map(({name}) => name)
      .filter((name) => acted.has(name) && !wanted.includes(name))
    return along.length === 0 ? [] : [takesAlong(gateway, along)]
  })
}
