import {attachment, endedByNamespace, endedWithDaemon, gatewayCondition, type GatewayCondition} from '../model/gateway.js'
import {dependentsOf, gatewaysOf, type DeclaredService} from '../model/stack.js'
import {HALF_MADE, halfMade, isUp, type ObservedContainer, couldNotStart} from '../model/container.js'
import type {World} from '../stack/snapshot.js'

/** What is done with a service, one after the other; `gate`: from here on only when its gateway is healthy. */
type Deed = 'stop' | 'replace' | 'start' | 'restart' | 'gate'

export type Diagnosis = {
  readonly service: string
  readonly gateway: string | undefined
  /** Empty: it stays as it is. */
  readonly course: readonly Deed[]
  /** It runs, in its gateway's present namespace. */
  readonly fine: boolean
  readonly reason: string
}

type Question = {
  readonly world: World
  /** Services that we took down and have to bring back. */
  readonly parked: ReadonlySet<string>
  /** Ids of containers that were up at the last look. */
  readonly ran: ReadonlySet<string>
  /** Epoch milliseconds. */
  readonly now: number
  /** Services that the repair under way has started. */
  readonly treated: ReadonlySet<string>
  /** Restart also what looks fine. */
  readonly forced: (service: string) => boolean
}

/** Every gateway of the stack and everybody behind one, and what each needs; of the others, those that Docker could not start. Pure. */
export function diagnose(question: Question): Diagnosis[] {
  const {stack} = question.world
  const gateways = gatewaysOf(stack)
  const others = [...stack.services.values()].filter(({name, gateway}) => gateway === undefined && !gateways.includes(name))
  return [
    ...gateways.flatMap((gateway) => [
      diagnoseGateway(question, gateway),
      ...dependentsOf(stack, gateway).map((service) => diagnoseDependent(question, service, gateway)),
    ]),
    ...others.flatMap((service) => diagnoseOther(question, service)),
  ]
}

function diagnoseOther({world, treated}: Question, {name, restarts}: DeclaredService): Diagnosis[] {
  const container = world.observed.containers.get(name)
  if (container === undefined) return []
  const base = {service: name, gateway: undefined}
  if (couldNotStart(container) && restarts) return [{...base, ...needs(`Docker could not start it: ${container.error}`, 'start')}]
  if (!treated.has(name)) return []
  return [{...base, ...(isUp(container) ? fine('it runs') : left(stopped(container)))}]
}

type Finding = Pick<Diagnosis, 'course' | 'fine' | 'reason'>

const left = (reason: string): Finding => ({course: [], fine: false, reason})
const fine = (reason: string): Finding => ({course: [], fine: true, reason})
const needs = (reason: string, ...course: readonly Deed[]): Finding => ({course, fine: false, reason})

/** A gateway is only brought up if it was us, or Docker itself, that took it down. */
function diagnoseGateway(question: Question, name: string): Diagnosis {
  const {observed} = question.world
  const unreadable = observed.unreadable?.get(name)
  const container = observed.containers.get(name)
  const found = (): Finding => {
    if (unreadable !== undefined) return unseen(unreadable)
    return container?.brief ? left('Docker is at work on it') : gatewayNeeds(container, owed(container, question, name))
  }
  return {service: name, gateway: undefined, ...found()}
}

const unseen = (why: string): Finding => left(`it could not be looked at: ${why}`)

function gatewayNeeds(container: ObservedContainer | undefined, why: string | undefined): Finding {
  if (container !== undefined && isUp(container)) return fine(container.health === 'none' ? 'it runs' : `it runs, ${container.health}`)
  if (container?.state === 'paused') return left('it is paused')
  if (why === undefined) return left(container === undefined ? 'it has no container' : stopped(container))
  return container === undefined || halfMade(container) ? needs(why, 'replace', 'start') : needs(why, 'start')
}

function diagnoseDependent(question: Question, {name}: DeclaredService, gatewayName: string): Diagnosis {
  const {world, now, forced} = question
  const {observed} = world
  const gateway = observed.containers.get(gatewayName)
  const place = {name: gatewayName, gateway, condition: gatewayCondition(gateway, now)}
  const container = observed.containers.get(name)
  const found = (): Finding => {
    const unreadable = observed.unreadable?.get(name)
    if (unreadable !== undefined) return unseen(unreadable)
    if (observed.unreadable?.has(gatewayName)) return left(`${gatewayName} could not be looked at`)
    if (container?.state === 'paused') return left('it is paused')
    return container !== undefined && isUp(container)
      ? running(container, place, forced(name))
      : down(container, place, owed(container, question, name))
  }
  return {service: name, gateway: gatewayName, ...found()}
}

/** The gateway that a dependent is behind. */
type Place = {readonly name: string; readonly gateway: ObservedContainer | undefined; readonly condition: GatewayCondition}

function running(container: ObservedContainer, place: Place, forced: boolean): Finding {
  const {name, condition} = place
  const how = attachment({...container, state: 'running'}, place.gateway)
  if (how === 'orphaned') return needs(`it belongs to a ${name} container that is gone: it is cut off`, 'stop', ...anew(condition))
  if (how === 'stale' && container.state === 'running') return needs(cutOff(place), ...again(condition))
  if (container.state === 'restarting') return ending(container, place)
  if (condition === 'starting') return tooEarly(name)
  return forced && condition === 'ready' ? needs('--force', 'restart') : fine(`it is in the network namespace of the present ${name}`)
}

/** Docker starts it again and again; behind a gateway that is not ready it must not. */
const ending = ({exitCode}: ObservedContainer, {name, condition}: Place): Finding =>
  condition === 'ready' || condition === 'troubled' ? left(`it keeps ending by itself (exit code ${exitCode})`) : tooEarly(name)

const tooEarly = (gateway: string): Finding =>
  needs(`${gateway} has not been healthy since its start: its firewall may not be up`, 'stop', 'gate', 'start')

const again = (condition: GatewayCondition): Deed[] => (condition === 'ready' ? ['restart'] : ['stop', 'gate', 'start'])

/**
 * A new container can be made before its gateway is healthy, but not before that runs: a person's `docker compose up` makes
 * all of its new containers first, then starts the gateway, and would lose its own under its hands.
 */
function anew(condition: GatewayCondition): Deed[] {
  if (condition === 'ready') return ['replace', 'start']
  return condition === 'missing' || condition === 'away' ? ['gate', 'replace', 'start'] : ['replace', 'gate', 'start']
}

const cutOff = ({name, condition}: Place): string =>
  condition === 'away' ? `${name} does not run: it is cut off` : `it holds a network namespace that ${name} has left: it is cut off`

function down(container: ObservedContainer | undefined, place: Place, why: string | undefined): Finding {
  if (why === undefined) return left(container === undefined ? 'it has no container' : stopped(container))
  const lost = container === undefined || attachment({...container, state: 'running'}, place.gateway) === 'orphaned'
  if (lost) return needs(`${why}, and belongs to a ${place.name} container that is gone`, ...anew(place.condition))
  if (halfMade(container)) return needs(HALF_MADE, ...anew(place.condition))
  return needs(why, ...(place.condition === 'ready' ? [] : (['gate'] as const)), 'start')
}

export const WITH_DAEMON = 'it ended with the Docker daemon'

/** Why a service has to come back although it does not run; undefined if somebody wanted it so. */
function owed(container: ObservedContainer | undefined, {world, parked, ran}: Question, service: string): string | undefined {
  if (parked.has(service)) return container === undefined ? 'its new container was not made' : 'it was stopped for a time'
  if (container === undefined) return undefined
  if (endedByNamespace(container)) return 'Docker could not start it without its gateway'
  if (couldNotStart(container) && world.stack.services.get(service)?.restarts) return `Docker could not start it: ${container.error}`
  return ran.has(container.id) && endedWithDaemon(container, world.observed.daemonStartedAt) ? WITH_DAEMON : undefined
}

function stopped(container: ObservedContainer): string {
  const {state, exitCode, error} = container
  // Of one without a restart policy nobody expects that it runs.
  if (couldNotStart(container)) return `Docker could not start it: ${error}`
  return state === 'created' ? 'it was created and never started' : `its operator stopped it (exit code ${exitCode})`
}
