import {setTimeout as sleep} from 'node:timers/promises'
import type {Engine} from '../engine/engine.js'
import type {DeclaredStack} from '../model/declared.js'
import {gatewayCondition} from '../model/gateway.js'
import type {ObservedContainer} from '../model/observed.js'
import {OperatorError} from '../model/operator-error.js'
import type {StartGuard} from '../model/plan.js'
import type {Watch} from './attempt.js'
import {sharing} from './sharing.js'

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
