import type {CascadeMemory, CascadeRules, Episode, Parked} from '../../model/cascade.js'
import {gatewaysOf} from '../../model/declared.js'
import {gatewayCondition} from '../../model/gateway.js'
import {isUp} from '../../model/observed.js'
import type {Plan, Stage, Step} from '../../model/plan.js'
import type {World} from '../world.js'
import {diagnose, WITH_DAEMON, type Diagnosis} from './diagnose.js'
import {countCascade, isNewCascade, leftToWait} from './limits.js'
import {cascadeStages, verifyStage} from './stages.js'
import {triggerOf} from './trigger.js'
import {withoutEpisode} from './verdict.js'

/**
 * - `whole`: nothing is wrong.
 * - `repair`: steps to carry out now.
 * - `verify`: nothing is left to do, and the repair that did it has yet to be proven.
 * - `gateway`: nothing can be done before the gateway is healthy.
 * - `backoff`: the last attempt failed, the next one comes later.
 * - `loop`: a restart loop was found just now; `paused`: one was found before.
 */
type Phase = 'whole' | 'repair' | 'verify' | 'gateway' | 'backoff' | 'loop' | 'paused'

export type Decision = {
  readonly phase: Phase
  /** What to do now. */
  readonly plan: Plan
  /** What happened, for people. */
  readonly trigger: string
  /** What will be left to do after it, once the gateway is healthy. */
  readonly later: readonly Stage[]
  readonly diagnoses: readonly Diagnosis[]
  /** To be written down before anything is done. */
  readonly memory: CascadeMemory
  /** Look again after so many milliseconds at the latest, 0: it is time to say that the gateway does not come back; undefined: at the next hint. */
  readonly recheckMs: number | undefined
}

export type CascadeIntent = {
  readonly rules: CascadeRules
  /** Epoch milliseconds. */
  readonly now: number
  /** For a new operation. */
  readonly op: string
  /** Also while paused, and also what looks fine. */
  readonly force: boolean
  /** A person asked: no backoff is waited out. */
  readonly byHand: boolean
}

/** What is to be done about a stack's gateways and everybody behind them. Pure. */
export function decideCascade(world: World, remembered: CascadeMemory, intent: CascadeIntent): Decision {
  const {rules, now} = intent
  const parked = new Set(remembered.parked.map(({service}) => service))
  // What this repair has restarted already is not restarted again.
  const spared = new Set(remembered.episode?.services)
  const diagnoses = diagnose({world, parked, ran: new Set(remembered.ran), now, forced: (service) => intent.force && !spared.has(service)})
  const stages = cascadeStages(world, diagnoses, rules, now)
  const present = withoutThoseThatRun(forgetPause(remembered, now), diagnoses, world)
  const known = {...present, parked: withThoseThatEnded(present.parked, diagnoses, now), ran: ranOf(remembered.ran, diagnoses, world)}
  const decided = {
    later: stages.later,
    diagnoses,
    memory: known,
    recheckMs: undefined,
    plan: planOf(world, diagnoses, []),
    trigger: triggerOf(world, diagnoses, intent.force),
  }
  const paused = known.pausedUntil !== undefined && !intent.force
  const trouble = diagnoses.some(({course}) => course.length > 0)
  if (paused && trouble) return {...decided, phase: 'paused', recheckMs: (known.pausedUntil ?? now) - now}
  if (!trouble) return known.episode === undefined ? {...decided, phase: 'whole'} : verification(decided, world, known.episode, rules)
  return repair({...decided, world, stages: stages.now, intent})
}

/** Proves what this episode brought back. */
function verification(decided: Omit<Decision, 'phase'>, world: World, episode: Episode, rules: CascadeRules): Decision {
  const touched = decided.diagnoses.filter(({service, fine}) => fine && episode.services.includes(service))
  const stage = verifyStage(world, touched, rules)
  return {...decided, phase: 'verify', plan: planOf(world, decided.diagnoses, stage.length === 0 ? [] : [stage])}
}

const SILENT_MS = 1_000

type Draft = Omit<Decision, 'phase'> & {readonly world: World; readonly stages: readonly Stage[]; readonly intent: CascadeIntent}

function repair(draft: Draft): Decision {
  const {world, stages, intent, ...decided} = draft
  const {rules, now} = intent
  const begun = episodeFor(world, decided, intent)
  const starts = stages.flat().some(({action}) => action === 'start' || action === 'restart')
  const counted = counts(begun, starts, decided.memory, intent)
    ? countCascade(decided.memory, rules, now)
    : {memory: decided.memory, loop: false}
  if (counted.loop) return {...decided, memory: withoutEpisode(counted.memory), phase: 'loop', recheckMs: rules.pause * 1000}
  const wait = intent.byHand ? 0 : leftToWait(begun.episode, rules, now)
  if (wait > 0) return {...decided, memory: {...counted.memory, episode: begun.episode}, phase: 'backoff', recheckMs: wait}
  const episode = starts ? {...begun.episode, broughtBackIn: begun.episode.situation} : begun.episode
  if (stages.length === 0)
    return {...decided, memory: {...counted.memory, episode}, phase: 'gateway', recheckMs: nextLook(world, episode, rules, now)}
  const memory = withSteps({...counted.memory, episode}, episode, stages.flat(), now)
  const plan = {...planOf(world, decided.diagnoses, stages), notes: begun.isNew ? [decided.trigger] : [], lookAgain: true}
  return {...decided, memory, plan, phase: 'repair'}
}

/** A new repair is a cascade; so is bringing back behind another start of the gateway, unless it belongs to the same burst. */
function counts({episode, isNew}: Begun, starts: boolean, memory: CascadeMemory, {force, rules, now}: CascadeIntent): boolean {
  const again = starts && episode.broughtBackIn !== undefined && episode.broughtBackIn !== episode.situation
  return !force && (isNew || (again && isNewCascade(memory, rules, now)))
}

function withSteps(memory: CascadeMemory, episode: Episode, steps: readonly Step[], now: number): CascadeMemory {
  const services = [...new Set([...episode.services, ...steps.map(({target}) => target)])]
  return {...memory, parked: parkedAfter(memory.parked, steps, now), episode: {...episode, services}}
}

type Begun = {readonly episode: Episode; readonly isNew: boolean}

/** The episode goes on; in another situation its failed attempts count no more. */
function episodeFor(
  world: World,
  {diagnoses, memory, trigger}: Pick<Decision, 'diagnoses' | 'memory' | 'trigger'>,
  {op, now}: CascadeIntent,
): Begun {
  const {episode} = memory
  const situation = situationOf(world, diagnoses)
  if (episode === undefined) {
    return {isNew: true, episode: {op, startedAt: now, trigger, situation, attempts: 0, lastAttemptAt: 0, services: []}}
  }
  if (episode.situation === situation) return {isNew: false, episode}
  return {isNew: false, episode: {...episode, situation, attempts: 0, lastAttemptAt: 0}}
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

/** A gateway without a health check becomes ready without an event. */
function nextLook(world: World, episode: Episode, {gateway}: CascadeRules, now: number): number | undefined {
  const silent = gatewaysOf(world.stack).some((name) => {
    const container = world.observed.containers.get(name)
    return container?.health === 'none' && gatewayCondition(container, now) === 'starting'
  })
  const alert = episode.alerted === undefined ? Math.max(0, episode.startedAt + gateway * 1000 - now) : undefined
  return silent ? Math.min(SILENT_MS, alert ?? SILENT_MS) : alert
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

const planOf = (world: World, diagnoses: readonly Diagnosis[], stages: readonly Stage[]): Plan => ({
  stack: world.stack.name,
  verb: 'cascade',
  stages,
  untouched: diagnoses.filter(({course}) => course.length === 0).map(({service, reason}) => ({service, reason})),
  notes: [],
  lookAgain: false,
})
