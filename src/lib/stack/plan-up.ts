import {isReady, isUp, type ObservedContainer, couldNotStart} from '../model/container.js'
import {stepsOf, type Plan, type Untouched} from '../model/plan.js'
import {withCompany, type Followers} from './dependents.js'
import {elsewhereNotes} from './plan-first-start.js'
import {treatDrift, treatStopped, type Treatment} from './reconcile.js'
import {selectServices} from './select.js'
import type {Intent, World} from './snapshot.js'
import {preparation, sequence, waitStep} from './stages.js'

/** `up`: create what is missing, recreate what changed, start what is stopped, reconnect what is cut off. */
export function planUp(world: World, intent: Intent): Plan {
  const treat = (name: string) => forced(world, intent, name) ?? treatDrift(world, name) ?? again(world, name)
  return awaited(world, intent, assemble(world, intent, 'up', selectServices(world.stack, intent.services), treat, 'all'))
}

/** `start`: as `up`, but a container that exists stays what it is. */
export function planStart(world: World, intent: Intent): Plan {
  const treat = (name: string) => treatStopped(world, name) ?? again(world, name)
  return awaited(world, intent, assemble(world, intent, 'start', selectServices(world.stack, intent.services), treat, 'all'))
}

/** Docker waits longer after each failure, and counts them; whoever says `up` has perhaps just mended the cause. */
const again = ({observed}: World, name: string): Treatment | undefined =>
  observed.containers.get(name)?.state === 'restarting'
    ? {service: name, action: 'restart', reason: 'it ended, and Docker waits before it starts it again'}
    : undefined

/** What runs as declared and is not well is no success: it is waited for, like what was started. */
function awaited(world: World, intent: Intent, plan: Plan): Plan {
  const ill = plan.untouched.filter(({service}) => isIll(world.observed.containers.get(service)))
  if (intent.noWait || ill.length === 0) return plan
  const known = new Set(stepsOf(plan).map(({action, target}) => `${action} ${target}`))
  const waits = ill
    .map(({service}) => waitStep(service, intent, 'it runs, and is not healthy'))
    .filter(({target}) => !known.has(`wait ${target}`))
  return {
    ...plan,
    stages: waits.length === 0 ? plan.stages : [...plan.stages, waits],
    untouched: plan.untouched.filter((one) => !ill.includes(one)),
  }
}

const isIll = (container: ObservedContainer | undefined): boolean => isUp(container) && !isReady(container)

function forced(world: World, intent: Intent, name: string): Treatment | undefined {
  if (!intent.force || !world.observed.containers.has(name)) return undefined
  return {service: name, action: 'recreate', reason: '--force-recreate'}
}

type Treat = (name: string) => Treatment | undefined

/** The common end of every verb that leaves services running. */
function assemble(world: World, intent: Intent, verb: string, wanted: readonly string[], treat: Treat, who: Followers): Plan {
  const own = wanted.flatMap((name) => treat(name) ?? [])
  const treatments = withCompany(world, own, who)
  const treated = new Set(treatments.map(({service}) => service))
  const untouched: Untouched[] = wanted.filter((name) => !treated.has(name)).map((name) => ({service: name, reason: 'it runs as declared'}))
  return {
    stack: world.stack.name,
    verb,
    stages: [...preparation(world, treatments, intent.library), ...sequence(world, treatments, intent)],
    untouched,
    notes: [...companyNotes(world, wanted, treatments), ...elsewhereNotes(world, created(treatments))],
    lookAgain: false,
  }
}

const created = (treatments: readonly Treatment[]): string[] =>
  treatments.filter(({action}) => action === 'create').map(({service}) => service)

/** Says who is taken along although nobody named them. */
export function companyNotes(world: World, wanted: readonly string[], treatments: readonly Treatment[]): string[] {
  const treated = treatments.map(({service}) => service)
  const along = treated.filter((name) => !wanted.includes(name))
  return treated.flatMap((gateway) => {
    const names = along.filter((name) => world.stack.services.get(name)?.gateway === gateway)
    return names.length === 0 ? [] : [takesAlong(gateway, names)]
  })
}

export const takesAlong = (gateway: string, names: readonly string[]): string =>
  `${gateway} takes along what lives in its network namespace: ${names.join(', ')}`

/**
 * `restart`. Without names: what runs, or what Docker ended against its operator's will; what a person stopped stays
 * stopped. A gateway takes its dependents along, as they would keep its old, dead network namespace.
 */
export function planRestart(world: World, intent: Intent): Plan {
  const wanted = selectServices(world.stack, intent.services)
  const named = intent.services.length > 0
  const plan = assemble(world, intent, 'restart', wanted, (name) => treat(world, name, named), 'running')
  return {...plan, untouched: plan.untouched.map(({service}) => ({service, reason: 'it does not run; start it with up or start'}))}
}

function treat(world: World, name: string, named: boolean): Treatment | undefined {
  const container = world.observed.containers.get(name)
  if (container === undefined) return named ? treatStopped(world, name) : undefined
  const repair = treatStopped(world, name)
  if (repair?.action === 'recreate') return repair
  if (isUp(container)) return {service: name, action: 'restart', reason: named ? 'asked for' : 'the whole stack is restarted'}
  return named || couldNotStart(container) || container.state === 'paused' ? repair : undefined
}
