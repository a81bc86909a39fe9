import {isUp} from '../model/observed.js'
import {couldNotStart} from '../model/start-failure.js'
import type {Plan} from '../model/plan.js'
import {assemble} from './bring-up.js'
import {selectServices} from './select.js'
import {treatStopped, type Treatment} from './treatment.js'
import type {Intent, World} from './world.js'

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
