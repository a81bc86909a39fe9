import type {DiagnosedEngine} from '../docker/engine.js'
import type {Finding} from '../model/finding.js'
import {silenceText} from '../util/text.js'
import type {Settings} from '../model/gateway-settings.js'
import type {ObservedContainer} from '../model/container.js'
import type {TunnelMemory} from './tunnel-memory.js'
import {within} from '../util/timeout.js'
import {askThrough, type ThroughAnswer} from './ask-through.js'
import {COUNTERS_ARGV, packets, packetsOf} from './counters.js'
import {tunnelInterface} from './qbittorrent.js'
import {trafficFinding, type Traffic} from './traffic-findings.js'

type TrafficLook = {
  readonly engine: DiagnosedEngine
  readonly container: ObservedContainer
  readonly settings: Settings
  /** What is asked, in this order. */
  readonly through: readonly string[]
  /** Milliseconds for one answer. */
  readonly limit: number
  /** What the watcher has found out. */
  readonly memory: TunnelMemory
  /** Epoch milliseconds; `until`: when it has to be judged, by what is known then. */
  readonly now: () => number
  readonly until?: number
  readonly signal: AbortSignal
}

/** Milliseconds for one look at the counters from inside. */
const COUNT_MS = 2_000

/** As a program in the container sees them; undefined: there is no such interface, or no such program. */
export async function countInside(engine: DiagnosedEngine, {id}: ObservedContainer, name: string, signal: AbortSignal) {
  const ran = await engine.execute(id, COUNTERS_ARGV, COUNT_MS, signal).catch(() => undefined)
  signal.throwIfAborted()
  return ran?.code === 0 ? packetsOf(ran.output, name) : undefined
}

/** Milliseconds that the whole question may take beside the limit for one answer. */
const SLACK_MS = 6_000

/** Asks whether anything comes back through the tunnel. It takes a tenth of a second, or its limit and somewhat more. */
export async function lookAtTraffic(look: TrafficLook): Promise<Finding> {
  const {engine, container, settings, through, limit, now, signal} = look
  const name = tunnelInterface(settings)
  const count = () =>
    container.namespace === undefined ? countInside(engine, container, name, signal) : Promise.resolve(packets(container.pid, name))
  const seconds = Math.max(1, Math.round(limit / 1000))
  const began = now()
  const before = await count()
  const run = (argv: readonly string[], most: number, either: AbortSignal) => engine.execute(container.id, argv, most, either)
  const late = (): ThroughAnswer => ({
    attempts: through.map((target) => ({target, is: 'unclear', says: 'the question did not end in time'})),
  })
  const most = Math.min(limit + SLACK_MS, (look.until ?? Infinity) - now())
  const answer = await within(most, askThrough({run, targets: through, seconds}, signal), late)
  const after = 'answered' in answer ? undefined : await count()
  const meanwhile = before && after && {received: after.received - before.received, sent: after.sent - before.sent}
  return trafficFinding({answer, meanwhile, seconds, silence: silence(look, after, {lasted: now() - began, sent: meanwhile?.sent})})
}

type Packets = ReturnType<typeof packets>

/** The watcher knows for how long already, if nothing was received since. */
function silence({memory: {dead}, now}: TrafficLook, after: Packets, own: {lasted: number; sent: number | undefined}): Traffic['silence'] {
  const still = dead !== undefined && after !== undefined && (after.received === 0 || after.received === dead.received)
  if (!still) return {says: silenceText(own.lasted, own.sent), isKnown: false}
  // Another interface has counted anew.
  const sent = dead.sent !== undefined && after.sent >= dead.sent ? after.sent - dead.sent : undefined
  return {says: silenceText(now() - dead.since, sent), isKnown: true}
}
