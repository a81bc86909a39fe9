import {setTimeout as sleep} from 'node:timers/promises'
import type {Engine} from '../docker/engine.js'
import type {ObservedContainer} from '../model/container.js'
import {gatewayCondition} from '../model/gateway.js'
import type {Incarnation, StartGuard} from '../model/plan.js'
import type {DeclaredStack} from '../model/stack.js'
import {Overtaken, OperatorError} from '../util/errors.js'
import type {Watch} from './attempt.js'

/**
 * Asked right before a start: nothing starts behind a gateway that is not healthy. Docker has no start on condition, so a
 * few milliseconds remain; whoever slipped through them is stopped by the next look.
 * @throws Overtaken
 */
export async function requireReady(engine: Engine, behind: Incarnation, now: () => number, signal: AbortSignal): Promise<void> {
  const gateway = await presentStart(engine, behind, signal)
  const condition = gatewayCondition(gateway, now())
  if (condition !== 'ready') throw new Overtaken(`${behind.service} is not healthy any more`)
}

/** `requireReady`. Starts that ask at once share one question, which goes out after the last of them has asked. */
export function readyGuard(engine: Engine, now: () => number, signal: AbortSignal): (behind: Incarnation) => Promise<void> {
  const asked = new Map<string, Promise<void>>()
  return (behind) => {
    const start = `${behind.container} ${behind.startedAt}`
    const asking = asked.get(start) ?? Promise.resolve().then(() => requireReady(engine, behind, now, signal))
    asked.set(start, asking)
    queueMicrotask(() => asked.delete(start))
    return asking
  }
}

/** The gateway as it is. @throws Overtaken if it is not in that start any more. */
export async function presentStart(engine: Engine, behind: Incarnation, signal: AbortSignal): Promise<ObservedContainer> {
  const gateway = await engine.inspect(behind.container, signal)
  if (gateway === undefined) throw new Overtaken(`${behind.service} has another container by now`)
  if (gateway.startedAt !== behind.startedAt) throw new Overtaken(`${behind.service} started again meanwhile`)
  // A paused one keeps its namespace, and who lives in it.
  if (gateway.state !== 'running' && gateway.state !== 'paused') throw new Overtaken(`${behind.service} stopped running meanwhile`)
  return gateway
}

/** Between two looks at a gateway that is not healthy, milliseconds. */
const LOOK_MS = 500

/**
 * Asked right before a start behind a gateway whose container the plan could not know: the gateway may be unhealthy again
 * since it was waited for. Then it is waited for once more. A Ctrl-C ends the wait, and not a start that can be made now.
 * @returns A function that throws an OperatorError if the gateway is not healthy within its limit.
 */
export function gatewayGuard(stack: DeclaredStack, engine: Engine, {now, signal}: Omit<Watch, 'reporter'>) {
  const isReady = sharing(gatewayLook(stack, engine, now))
  return async ({gateway, limit}: StartGuard): Promise<void> => {
    const deadline = now() + limit * 1000
    while (!(await isReady(gateway))) {
      signal.throwIfAborted()
      if (now() >= deadline) throw notHealthy(stack, gateway)
      await sleep(LOOK_MS, undefined, {signal})
    }
  }
}

/** Whether a gateway is healthy: its last known container is asked first, and all are looked for only if that is gone. */
function gatewayLook(stack: DeclaredStack, engine: Engine, now: () => number): (gateway: string) => Promise<boolean> {
  const known = new Map<string, string>()
  // Short, and not to be cut off by Ctrl-C: it is the end of what was begun.
  const {signal} = new AbortController()
  const find = async (gateway: string): Promise<ObservedContainer | undefined> => {
    const id = known.get(gateway)
    const present = id === undefined ? undefined : await engine.inspect(id, signal)
    if (present !== undefined) return present
    const found = (await engine.observe(stack, {partial: true}, signal)).containers.get(gateway)
    if (found !== undefined) known.set(gateway, found.id)
    return found === undefined ? undefined : engine.inspect(found.id, signal)
  }
  return async (gateway) => gatewayCondition(await find(gateway), now()) === 'ready'
}

const notHealthy = ({name}: DeclaredStack, gateway: string): OperatorError =>
  new OperatorError(`${gateway} is not healthy any more, and nothing starts behind it.`, {
    next: [`Read its log: homelab stack ${name} logs ${gateway} -n 50`],
  })

/** Those that ask the same at once share one question, which goes out after the last of them has asked. */
export function sharing<T>(ask: (what: string) => Promise<T>): (what: string) => Promise<T> {
  const asked = new Map<string, Promise<T>>()
  return (what) => {
    const asking = asked.get(what) ?? Promise.resolve().then(() => ask(what))
    asked.set(what, asking)
    queueMicrotask(() => asked.delete(what))
    return asking
  }
}
