import type {Plan} from '../../model/plan.js'
import {planUp} from '../bring-up.js'
import {waitStep} from '../sequence.js'
import {withGate} from './renewal.js'
import type {Intent, World} from '../world.js'

/**
 * Brings an update to its end that was left in the middle: what has got its new image is waited for, with all who live
 * behind it, and asked once more whether it is well. @param reached Services that have it.
 */
export function planResume(world: World, reached: readonly string[], company: readonly string[], intent: Intent): Plan {
  const services = [...reached, ...company.filter((name) => !reached.includes(name))]
  if (services.length === 0) return {stack: world.stack.name, verb: 'update', stages: [], untouched: [], notes: [], lookAgain: false}
  const up = planUp(world, {...intent, services, force: false})
  const waited = new Set(up.stages.flat().flatMap(({action, target}) => (action === 'wait' ? [target] : [])))
  const gate = reached.filter((name) => !waited.has(name)).map((name) => waitStep(name, intent, 'its update was left in the middle'))
  const stages = [...up.stages, gate]
  const gated = intent.renewal === undefined ? stages : withGate(stages, reached, reached, intent.renewal)
  return {...up, verb: 'update', stages: gated.filter((stage) => stage.length > 0), untouched: []}
}
