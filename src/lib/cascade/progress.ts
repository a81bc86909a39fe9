import {isUp} from '../model/container.js'
import type {Step} from '../model/plan.js'
import type {World} from '../stack/snapshot.js'
import {type Diagnosis, WITH_DAEMON} from './diagnose.js'
import {isNewCascade} from './limits.js'
import type {CascadeMemory, CascadeRules, Episode, Parked} from '../model/cascade.js'

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

/** What is remembered, brought up to what was seen. @param now Epoch milliseconds. */
export function refreshed(remembered: CascadeMemory, diagnoses: readonly Diagnosis[], world: World, now: number): CascadeMemory {
  const present = withoutThoseThatRun(forgetPause(remembered, now), diagnoses, world)
  return {...present, parked: withThoseThatEnded(present.parked, diagnoses, now), ran: ranOf(remembered.ran, diagnoses, world)}
}

/** What has to be on disk before these steps are carried out. @param now Epoch milliseconds. */
export function withSteps(memory: CascadeMemory, episode: Episode, steps: readonly Step[], now: number): CascadeMemory {
  const services = [...new Set([...episode.services, ...steps.map(({target}) => target)])]
  return {...memory, parked: parkedAfter(memory.parked, steps, now), episode: {...episode, services}}
}

function forgetPause(memory: CascadeMemory, now: number): CascadeMemory {
  if (memory.pausedUntil === undefined || memory.pausedUntil > now) return memory
  const {pausedUntil: _, ...rest} = memory
  return rest
}

/** Who runs where it belongs is parked no more, and neither is one that the files do not know any more. */
function withoutThoseThatRun(memory: CascadeMemory, diagnoses: readonly Diagnosis[], {stack, observed}: World): CascadeMemory {
  const fine = new Set(diagnoses.filter((diagnosis) => diagnosis.fine).map(({service}) => service))
  const others = (service: string): boolean =>
    !diagnoses.some((diagnosis) => diagnosis.service === service) && observed.containers.get(service)?.state === 'running'
  const parked = memory.parked.filter(({service}) => stack.services.has(service) && !fine.has(service) && !others(service))
  return parked.length === memory.parked.length ? memory : {...memory, parked}
}

/** That somebody ended with the daemon cannot be seen any more after its next start: it is written down while it can. */
function withThoseThatEnded(parked: readonly Parked[], diagnoses: readonly Diagnosis[], now: number): readonly Parked[] {
  const fresh = diagnoses.filter(
    ({reason, service}) => reason.startsWith(WITH_DAEMON) && !parked.some((entry) => entry.service === service),
  )
  return fresh.length === 0 ? parked : [...parked, ...fresh.map(({service, reason}): Parked => ({service, reason, since: now}))]
}

/** Who is up, and who was and is to come back: all but those that a person stopped. Sorted, so that it changes only when it does. */
function ranOf(before: readonly string[], diagnoses: readonly Diagnosis[], {observed}: World): string[] {
  const kept = diagnoses.flatMap(({service, course}) => {
    const container = observed.containers.get(service)
    if (container === undefined) return []
    const owing = (course.length > 0 || container.brief === true) && before.includes(container.id)
    return isUp(container) || container.state === 'paused' || owing ? [container.id] : []
  })
  // A look that did not see everybody strikes nobody off.
  const blind = (observed.unreadable?.size ?? 0) > 0
  return [...new Set([...kept, ...(blind ? before : [])])].toSorted()
}

/** Everything that is taken down by these steps is written down before they are carried out. */
function parkedAfter(parked: readonly Parked[], steps: readonly Step[], now: number): Parked[] {
  const taken = steps.filter(({action}) => action === 'stop' || action === 'replace' || action === 'restart')
  const fresh = new Map(taken.map(({target, reason}) => [target, {service: target, reason, since: now}]))
  const known = new Map(parked.map((entry) => [entry.service, entry]))
  return [...new Map([...fresh, ...known]).values()]
}
