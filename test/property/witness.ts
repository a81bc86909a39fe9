import {gatewayCondition} from '../../src/lib/model/gateway.js'
import type {DeclaredStack} from '../../src/lib/model/stack.js'
import type {FaultyDocker} from '../support/unit/faulty-docker.js'
import type {Notebooks} from '../support/unit/notebooks.js'

/** Stands beside and writes down what must never happen, at the moment at which it happens. */
export type Witness = {
  readonly violations: readonly string[]
  /** How many deeds of ours there were. */
  deeds(): number
  /** A person wants it to run, or not; undefined: nobody could tell. */
  operator(service: string, wanted: boolean | undefined): void
  /** What has to be true in the end; undefined: its operator meddled while we were at work on it. */
  wanted(service: string): boolean | undefined
  /** A gateway was seen to be ready at this very moment: a start may follow, before anything else can be seen. */
  inGuard(): boolean
}

/** At one moment; each repair takes some. */
const MOST_LOOKS = 300

export function witness(docker: FaultyDocker, books: Notebooks, {services}: DeclaredStack): Witness {
  const violations: string[] = []
  const wants = new Map<string, boolean | undefined>()
  let seen = new Map(docker.versions)
  let seenReady = {at: -1, gateway: ''}
  let deeds = 0
  let looks = {at: -1, count: 0}
  const isParked = (name: string): boolean => books.present.parked.some(({service}) => service === name)
  const broken = (rule: string): void => void violations.push(`at ${new Date().toISOString().slice(11, 23)}: ${rule}`)
  const unchanged = (...names: readonly string[]): boolean => names.every((name) => seen.get(name) === docker.versions.get(name))

  docker.asked = (question, service) => {
    const now = Date.now()
    looks = {at: now, count: looks.at === now ? looks.count + 1 : 0}
    if (looks.count === MOST_LOOKS) {
      broken('it looks again and again without a rest')
      // Else no time would ever pass.
      docker.away = true
    }
    if (question === 'observe') seen = new Map(docker.versions)
    else if (docker.gateways().includes(service) && gatewayCondition(docker.containers.get(service), Date.now()) === 'ready')
      seenReady = {at: Date.now(), gateway: service}
  }
  docker.witness = (deed, service) => {
    deeds++
    const gateway = services.get(service)?.gateway
    const {pausedUntil} = books.present
    if (pausedUntil !== undefined && pausedUntil > Date.now()) broken(`${deed} ${service} while cascades pause`)
    if (deed === 'start' && gateway !== undefined && docker.condition(gateway) !== 'ready')
      broken(`${service} is started while ${gateway} is ${docker.condition(gateway)}`)
    // A repair goes on when the disk is full: then it has tried to.
    const noted = isParked(service) || books.tried.parked.some((one) => one.service === service)
    if (deed !== 'start' && !noted) broken(`${deed} ${service} is not written down`)
    if (deed === 'start' && wants.get(service) === false) broken(`${service} is started, whom its operator stopped`)
    if (gateway === undefined || !unchanged(service, gateway) || docker.condition(gateway) === 'starting') return
    if (docker.connected(service)) broken(`${deed} ${service}, which was well`)
  }
  return {
    violations,
    deeds: () => deeds,
    operator: (service, wanted) => void wants.set(service, wanted === false && isParked(service) ? undefined : wanted),
    wanted: (service) => (wants.has(service) ? wants.get(service) : true),
    inGuard: () => seenReady.at === Date.now(),
  }
}
