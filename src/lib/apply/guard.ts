import type {Engine} from '../engine/engine.js'
import {gatewayCondition} from '../model/gateway.js'
import type {ObservedContainer} from '../model/observed.js'
import type {Incarnation} from '../model/plan.js'
import {Overtaken} from './overtaken.js'

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
