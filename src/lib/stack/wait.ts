import type {Engine} from '../docker/engine.js'
import {elapsed, steadyClock} from '../model/clock.js'
import type {ObservedContainer} from '../model/container.js'
import {attachment} from '../model/gateway.js'
import type {Step, StepOutcome} from '../model/plan.js'
import type {DeclaredService, DeclaredStack} from '../model/stack.js'
import {OperatorError} from '../util/errors.js'
import {attempt, type Watch} from './attempt.js'
import {listen, type Hints} from './docker-events.js'
import {presentStart} from './gateway-guard.js'
import {waitsFor, unconfiguredFile} from './unconfigured.js'

/** Waits for services on Docker's events; subscribed before the first look, so that nothing falls between the two. */
export async function waitUntilReady(
  steps: readonly Step[],
  stack: DeclaredStack,
  engine: Engine,
  watch: Watch,
  record: (outcome: StepOutcome) => void,
): Promise<void> {
  if (steps.length === 0) return
  const hints = listen(engine, stack.project, watch.signal)
  const ids = containerIds(stack, engine, watch.signal)
  const look: LookAt = async (step) => lookBehind(step, (await ids).get(step.target), engine, watch.signal)
  try {
    await Promise.all(steps.map(async (step) => record(await attempt(step, () => waitFor(step, stack, look, hints, watch), watch))))
  } finally {
    hints.close()
  }
}

async function containerIds(stack: DeclaredStack, engine: Engine, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const {containers} = await engine.observe(stack, {partial: true}, signal)
  return new Map([...containers].map(([service, {id}]) => [service, id]))
}

type LookAt = (step: Step) => Promise<ObservedContainer | undefined>

async function waitFor(step: Step, stack: DeclaredStack, look: LookAt, hints: Hints, watch: Watch): Promise<string> {
  const {how, container} = await untilReady(step, stack, look, hints, watch)
  if (container?.health === 'healthy') await whileSteady(step, stack, container, look, hints, watch)
  return how
}

type Arrived = {readonly how: string; readonly container: ObservedContainer | undefined}

async function untilReady(step: Step, stack: DeclaredStack, look: LookAt, hints: Hints, {now, signal}: Watch): Promise<Arrived> {
  const {target, limit = 0, running} = step
  const service = stack.services.get(target)
  if (service === undefined) throw new Error(`${target} is not declared`)
  const clock = steadyClock(now)
  const deadline = clock() + limit * 1000
  const ran = runTime(now, clock)
  const sinceFirst = crashesSince()
  for (;;) {
    signal.throwIfAborted()
    const hinted = hints.next(target, ...(step.behind ? [step.behind.service] : []))
    const container = sinceFirst(await look(step))
    const state = readiness(
      service,
      container,
      container === undefined ? now() : container.startedAt + ran(container),
      running === undefined ? undefined : running * 1000,
    )
    if (state.is === 'ready') return {how: state.how, container}
    if (state.is === 'lost')
      return unconfigured(service, container, () => lost(stack, target, `${target} did not come up: ${state.why}.`, container))
    const left = deadline - clock()
    if (left <= 0) throw lost(stack, target, `${target} is not healthy after ${limit} s.`, container)
    await hinted(Math.min(state.recheckMs, left))
  }
}

/** One that nobody has configured cannot come up, and has arrived where it can. @throws what `why` makes of any other. */
async function unconfigured(
  service: DeclaredService,
  container: ObservedContainer | undefined,
  why: () => OperatorError,
): Promise<Arrived> {
  const file = await unconfiguredFile(service)
  if (file === undefined) throw why()
  return {how: waitsFor(file), container}
}

/** Milliseconds that a container has run in its present start. One that started before the clock was set back counts from our first look. */
function runTime(now: () => number, clock: () => number): (container: ObservedContainer) => number {
  let first: {readonly startedAt: number; readonly from: number} | undefined
  return ({startedAt}) => {
    if (first?.startedAt !== startedAt) first = {startedAt, from: clock() - elapsed(startedAt, now())}
    return clock() - first.from
  }
}

/** What it crashed before we looked counts only when it ends once more: whoever mends a crashing service lets it try again. */
function crashesSince(): (container: ObservedContainer | undefined) => ObservedContainer | undefined {
  let least = Infinity
  return (container) => {
    if (container === undefined) return undefined
    // Docker begins to count anew when somebody starts it.
    least = Math.min(least, container.restarts)
    return container.restarts > least ? container : {...container, restarts: 0}
  }
}

/** Some are healthy for a moment, and end. */
async function whileSteady(
  {target, steady = 0, ...step}: Step,
  stack: DeclaredStack,
  first: ObservedContainer,
  look: LookAt,
  hints: Hints,
  {now, signal}: Watch,
): Promise<void> {
  const clock = steadyClock(now)
  const until = clock() + steady * 1000
  while (clock() < until) {
    const hinted = hints.next(target)
    await hinted(until - clock())
    signal.throwIfAborted()
    const container = await look({...step, target})
    if (container?.startedAt !== first.startedAt || container.state !== 'running' || container.health === 'unhealthy')
      throw lost(stack, target, `${target} was healthy and did not stay so: ${endOf(container)}.`, container)
  }
}

const endOf = (container: ObservedContainer | undefined): string =>
  container === undefined ? 'its container is gone' : `it is ${container.state}, ${container.health}, exit code ${container.exitCode}`

/** @throws Overtaken if its gateway is in another start by now; OperatorError if it is not in its namespace. */
async function lookBehind(
  {target, behind}: Step,
  id: string | undefined,
  engine: Engine,
  signal: AbortSignal,
): Promise<ObservedContainer | undefined> {
  const gateway = behind && (await presentStart(engine, behind, signal))
  const container = id === undefined ? undefined : await engine.inspect(id, signal)
  if (gateway !== undefined && container?.state === 'running' && attachment(container, gateway) !== 'attached')
    throw new OperatorError(`${target} is not in the network namespace of the present ${gateway.service}.`)
  return container
}

function lost(stack: DeclaredStack, service: string, message: string, container: ObservedContainer | undefined): OperatorError {
  const output = container?.healthOutput
  return new OperatorError(output ? `${message} Its last health check said: ${firstLine(output)}` : message, {
    next: [`Read its log: homelab stack ${stack.name} logs ${service} -n 50`],
    ...(output === undefined ? {} : {detail: output}),
  })
}

const firstLine = (text: string): string => text.split('\n')[0]?.slice(0, 200) ?? ''

/** Whether a service that was started has arrived. */
type Readiness =
  | {readonly is: 'ready'; readonly how: string}
  | {readonly is: 'lost'; readonly why: string}
  /** Look again after this many milliseconds at the latest, or when an event hints at it. */
  | {readonly is: 'pending'; readonly recheckMs: number}

/** A container without a health check is taken to run when it has done so for this long. */
const SETTLED_MS = 3_000
/** Docker restarts a crashing container at 0.1, 0.2, 0.4 … s: this many mean that it has crashed for about 3 s. */
const CRASHES = 5
const RECHECK_MS = 5_000

/**
 * `now`: epoch milliseconds. An unhealthy container is still waited for: a gateway may find another server.
 * @param settledMs For how long one without a health check has to run without a restart.
 */
export function readiness(
  service: DeclaredService,
  container: ObservedContainer | undefined,
  now: number,
  settledMs: number = SETTLED_MS,
): Readiness {
  if (container === undefined) return {is: 'lost', why: 'it has no container'}
  if (container.state === 'exited' || container.state === 'dead') return ended(service, container)
  return arrived(container, now, settledMs) ?? crashing(container) ?? {is: 'pending', recheckMs: recheckMs(container, now, settledMs)}
}

function arrived({state, health, startedAt}: ObservedContainer, now: number, settledMs: number): Readiness | undefined {
  if (state !== 'running') return undefined
  if (health === 'healthy') return {is: 'ready', how: 'healthy'}
  return health === 'none' && startedAt + settledMs <= now ? {is: 'ready', how: 'running; it has no health check'} : undefined
}

/** Docker counts restarts since the last start by hand, so one that has recovered from many is not lost. */
function crashing({restarts, exitCode}: ObservedContainer): Readiness | undefined {
  return restarts >= CRASHES ? {is: 'lost', why: `it keeps ending (${restarts} restarts, exit code ${exitCode})`} : undefined
}

const recheckMs = ({state, health, startedAt}: ObservedContainer, now: number, settledMs: number): number =>
  state === 'running' && health === 'none' ? startedAt + settledMs - now : RECHECK_MS

function ended(service: DeclaredService, container: ObservedContainer): Readiness {
  if (!service.restarts && container.exitCode === 0 && container.error === '') return {is: 'ready', how: 'it ended, with success'}
  return {is: 'lost', why: `it ended with exit code ${container.exitCode}${container.error ? `: ${container.error}` : ''}`}
}
