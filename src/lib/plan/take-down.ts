import {dependentsOf} from '../model/declared.js'
import type {Plan, Stage, Step, Untouched} from '../model/plan.js'
import {takesAlong} from './bring-up.js'
import {levels} from './order.js'
import {selectServices} from './select.js'
import type {Intent, World} from './world.js'

type Ending = {readonly verb: 'stop' | 'down'; readonly action: 'stop' | 'remove'}

/** `stop`: dependents first, all at once, then their gateway. */
export const planStop = (world: World, intent: Intent): Plan => takeDown(world, intent, {verb: 'stop', action: 'stop'})

/** `down`: as `stop`, and removes the containers; at the end the shared network, if nothing else uses it. */
export function planDown(world: World, intent: Intent): Plan {
  const plan = takeDown(world, intent, {verb: 'down', action: 'remove'})
  if (intent.services.length > 0) return plan
  return {...plan, stages: [...plan.stages, leavingNetworks(world)].filter((stage) => stage.length > 0)}
}

function leavingNetworks(world: World): Step[] {
  const shared = world.stack.sharedNetworks.filter(({name, subnet}) => subnet !== undefined && world.observed.networks.has(name))
  return [
    ...world.observed.ownNetworks.map((name): Step => ({
      action: 'remove-network',
      target: name,
      reason: 'it belongs to this stack',
      needs: [],
    })),
    ...shared.map(({name}): Step => ({action: 'remove-network', target: name, reason: 'unless another container uses it', needs: []})),
  ]
}

function takeDown(world: World, intent: Intent, ending: Ending): Plan {
  const wanted = everythingToEnd(world, intent)
  const along = wanted.flatMap((name) => dependentsOf(world.stack, name).map((service) => service.name))
  const all = [...new Set([...wanted, ...along])]
  const ends = (name: string): Step[] => endStep(world, name, wanted.includes(name), ending)
  const stages: Stage[] = levels(world.stack, all)
    .toReversed()
    .map((level) => level.flatMap(ends))
  const acted = new Set(stages.flat().map(({target}) => target))
  return {
    stack: world.stack.name,
    verb: ending.verb,
    stages: stages.filter((stage) => stage.length > 0),
    untouched: wanted.filter((name) => !acted.has(name)).map((service): Untouched => ({service, reason: leftReason(world, service)})),
    notes: alongNotes(world, wanted, acted),
    lookAgain: false,
  }
}

/** The whole stack includes what runs although it is in no active profile, or in the files no more. */
function everythingToEnd(world: World, intent: Intent): string[] {
  const selected = selectServices(world.stack, intent.services)
  if (intent.services.length > 0) return selected
  const running = [...world.observed.containers.keys()]
  return [...new Set([...selected, ...running])]
}

function endStep(world: World, name: string, asked: boolean, {action}: Ending): Step[] {
  const container = world.observed.containers.get(name)
  if (container === undefined) return []
  if (action === 'stop' && !['running', 'restarting', 'paused'].includes(container.state)) return []
  const gateway = world.stack.services.get(name)?.gateway
  const reason = asked ? 'asked for' : `it lives in ${gateway}'s network namespace, which goes away`
  return [{action, target: name, reason, needs: [], container: container.id}]
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
