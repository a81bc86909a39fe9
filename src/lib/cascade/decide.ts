import {deadline, notLater} from '../model/clock.js'
import {type ObservedContainer, couldNotStart} from '../model/container.js'
import {gatewayCondition, endedByNamespace} from '../model/gateway.js'
import type {Plan, Stage} from '../model/plan.js'
import {gatewaysOf} from '../model/stack.js'
import type {World} from '../stack/snapshot.js'
import {diagnose, type Diagnosis, WITH_DAEMON} from './diagnose.js'
import {countCascade, leftToWait} from './limits.js'
import {episodeFor, isCascade, refreshed, withSteps} from './progress.js'
import {withoutEpisode} from './result.js'
import {cascadeStages, verifyStage} from './stages.js'
import type {CascadeMemory, CascadeRules, Episode} from '../model/cascade.js'

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
  /** The wait for the gateways after it; empty: nothing has to be waited for. */
  readonly gate: Stage
  /** What will be left to do then. */
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
export function decideCascade(world: World, stored: CascadeMemory, intent: CascadeIntent): Decision {
  const {rules, now} = intent
  const remembered = caughtUp(stored, rules, now)
  const parked = new Set(remembered.parked.map(({service}) => service))
  // What this repair has restarted already is not restarted again.
  const spared = new Set(remembered.episode?.services)
  const diagnoses = diagnose({
    world,
    parked,
    ran: new Set(remembered.ran),
    now,
    treated: spared,
    forced: (service) => intent.force && !spared.has(service),
  })
  const stages = cascadeStages(world, diagnoses, rules, now)
  const known = refreshed(remembered, diagnoses, world, now)
  const decided = {
    gate: stages.gate,
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
  const counted =
    !intent.force && isCascade(begun, starts, decided.memory, rules, now)
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

/** A gateway without a health check becomes ready without an event. */
function nextLook(world: World, episode: Episode, {gateway}: CascadeRules, now: number): number | undefined {
  const silent = gatewaysOf(world.stack).some((name) => {
    const container = world.observed.containers.get(name)
    return container?.health === 'none' && gatewayCondition(container, now) === 'starting'
  })
  const alert = episode.alerted === undefined ? Math.max(0, episode.startedAt + gateway * 1000 - now) : undefined
  return silent ? Math.min(SILENT_MS, alert ?? SILENT_MS) : alert
}

const planOf = (world: World, diagnoses: readonly Diagnosis[], stages: readonly Stage[]): Plan => ({
  stack: world.stack.name,
  verb: 'cascade',
  stages,
  untouched: diagnoses.filter(({course}) => course.length === 0).map(({service, reason}) => ({service, reason})),
  notes: [],
  lookAgain: false,
})

/** What happened, as far as it can still be seen: for the journal and the alerts. */
function triggerOf(world: World, diagnoses: readonly Diagnosis[], force: boolean): string {
  if (diagnoses.some(({reason}) => reason.startsWith(WITH_DAEMON))) return 'the Docker daemon was killed and started again'
  const gateways = [...new Set(diagnoses.filter(({course}) => course.length > 0).flatMap(({gateway}) => gateway ?? []))]
  const told = gateways.map((name) => gatewayTrigger(world, diagnoses, name)).filter((text) => text !== '')
  if (told.length > 0) return told.join('; ')
  const failed = diagnoses.filter(({course}) => course.length > 0).flatMap(({service}) => world.observed.containers.get(service) ?? [])
  const [first] = failed.filter(couldNotStart)
  if (first !== undefined) return `Docker could not start ${first.service}: ${first.error}`
  return force ? 'asked for with --force' : 'a service was left stopped'
}

function gatewayTrigger(world: World, diagnoses: readonly Diagnosis[], name: string): string {
  const gateway = world.observed.containers.get(name)
  if (gateway === undefined) return `${name} has no container any more`
  if (couldNotStart(gateway)) return `Docker could not start ${name}: ${gateway.error}`
  if (gateway.state !== 'running' && gateway.state !== 'paused')
    return `${name} stopped running (exit code ${gateway.exitCode}${gateway.error === '' ? '' : `: ${gateway.error}`})`
  const behind = diagnoses.filter((diagnosis) => diagnosis.gateway === name && diagnosis.course.length > 0)
  const containers = behind.flatMap(({service}) => world.observed.containers.get(service) ?? [])
  const known = [gateway.id, gateway.name].map((target) => `container:${target}`)
  if (containers.some(({networkMode}) => !known.includes(networkMode))) return `${name} has a new container, started ${at(gateway)}`
  if (containers.some((container) => endedByNamespace(container)))
    return `Docker could not start ${name}'s dependents, as after a restart of the daemon`
  if (containers.some(({startedAt}) => startedAt < gateway.startedAt)) return `${name} started again ${at(gateway)}`
  return ''
}

const at = ({startedAt}: ObservedContainer): string => `at ${new Date(startedAt).toISOString().slice(11, 19)} UTC`

/**
 * What is remembered, after the clock was set back: no moment is later than now. It has to be written down, or each look would
 * begin the same wait once more. Pure.
 */
function caughtUp(memory: CascadeMemory, {pause}: CascadeRules, now: number): CascadeMemory {
  const {episode, pausedUntil} = memory
  return {
    ...memory,
    parked: memory.parked.map((entry) => ({...entry, since: notLater(entry.since, now)})),
    cascades: memory.cascades.map((begun) => notLater(begun, now)),
    ...(episode && {
      episode: {...episode, startedAt: notLater(episode.startedAt, now), lastAttemptAt: notLater(episode.lastAttemptAt, now)},
    }),
    ...(pausedUntil !== undefined && {pausedUntil: deadline(pausedUntil, pause * 1000, now)}),
  }
}
