import type {CascadeMemory, CascadeRules, Episode} from '../../model/cascade.js'
import type {World} from '../world.js'
import type {Diagnosis} from './diagnose.js'
import {isNewCascade} from './limits.js'

/** The episode in which a repair is made. */
type Begun = {readonly episode: Episode; readonly isNew: boolean}

type Seen = {readonly diagnoses: readonly Diagnosis[]; readonly memory: CascadeMemory; readonly trigger: string}

/** `op`: for a new operation. `now`: epoch milliseconds. */
type Beginning = {readonly op: string; readonly now: number}

/** The episode goes on; in another situation its failed attempts count no more. */
export function episodeFor(world: World, {diagnoses, memory, trigger}: Seen, {op, now}: Beginning): Begun {
  const {episode} = memory
  const situation = situationOf(world, diagnoses)
  if (episode === undefined) {
    return {isNew: true, episode: {op, startedAt: now, trigger, situation, attempts: 0, lastAttemptAt: 0, services: []}}
  }
  if (episode.situation === situation) return {isNew: false, episode}
  // That an earlier situation could not be repaired says nothing of this one.
  const {alerted, ...rest} = episode
  return {isNew: false, episode: {...rest, situation, attempts: 0, lastAttemptAt: 0, ...(alerted === 'gateway' && {alerted})}}
}

/** Which start of which container each gateway is in. */
function situationOf({observed}: World, diagnoses: readonly Diagnosis[]): string {
  const gateways = [...new Set(diagnoses.flatMap(({gateway}) => gateway ?? []))]
  const present = gateways.map((name) => {
    const container = observed.containers.get(name)
    return container?.state === 'running' ? `${name} ${container.id} ${container.startedAt}` : `${name} away`
  })
  return present.join(', ')
}

/** A new repair is a cascade; so is bringing back behind another start of the gateway, unless it belongs to the same burst. */
export function isCascade({episode, isNew}: Begun, starts: boolean, memory: CascadeMemory, rules: CascadeRules, now: number): boolean {
  const again = starts && episode.broughtBackIn !== undefined && episode.broughtBackIn !== episode.situation
  return isNew || (again && isNewCascade(memory, rules, now))
}
