import {readlink} from 'node:fs/promises'
import {GATEWAY, gatewayWatch, type GatewayWatch} from './gateway-watch.js'
import {firstAnswer} from './first-answer.js'
import {DEPENDENTS, NAMES, type Stage} from './stage.js'

/** Milliseconds from the gateway's "healthy" event, by the daemon's clock. */
export type Times = {
  /** All nine: who has a published port answers through it, who has none runs. */
  readonly reachable: number
  /** Docker has called all nine healthy. */
  readonly healthy: number
}

/** What takes the gateway away, and what brings the rest back; the latter ends when it has nothing left to do. */
export type Play = {
  readonly cause: (stage: Stage) => Promise<unknown>
  readonly repair: (stage: Stage, gateway: GatewayWatch) => Promise<unknown>
}

const MOST_MS = 90_000

/**
 * Plays it once. It asks only who has been started already, and each only until its first answer: at most seven small
 * requests every 10 ms, the same for whoever repairs.
 * @throws Error if a dependent was started before the gateway was healthy, or not all is well at the end.
 */
export async function watchRepair(stage: Stage, {cause, repair}: Play): Promise<Times> {
  const started = new Map<string, number>()
  const healthy = new Map<string, number>()
  const reached = new Map<string, number>()
  const giveUp = AbortSignal.timeout(MOST_MS)
  const gateway = gatewayWatch(stage.events)
  const asking: Promise<void>[] = []
  const unlisten = stage.events.listen(({service, action, at}) => {
    const dependent = DEPENDENTS.find((one) => one.service === service)
    if (dependent === undefined) return
    if (action === 'health_status: healthy' && started.has(service)) healthy.set(service, at)
    if (action !== 'start') return
    started.set(service, at)
    if (dependent.port === undefined) reached.set(service, at)
    else asking.push(firstAnswer(stage.lab.ports[dependent.port] ?? 0, giveUp).then((when) => void reached.set(service, when)))
  })
  try {
    await Promise.all([cause(stage), repair(stage, gateway)])
    while (!NAMES.every((name) => healthy.has(name))) {
      giveUp.throwIfAborted()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await Promise.all(asking)
  } finally {
    unlisten()
    gateway.close()
  }
  const since = await gateway.healthy
  const early = NAMES.filter((name) => (started.get(name) ?? 0) < since)
  if (early.length > 0) throw new Error(`started before the gateway was healthy: ${early.join(', ')}`)
  await requireAttached(stage)
  return {reachable: Math.max(...reached.values()) - since, healthy: Math.max(...healthy.values()) - since}
}

/** By the kernel: a published port may answer for one and not for the other, and two have none. */
async function requireAttached(stage: Stage): Promise<void> {
  const spaces = await Promise.all(
    [GATEWAY, ...NAMES].map(async (service) => {
      const {State} = await stage.container(service).inspect()
      return readlink(`/proc/${State.Pid}/ns/net`)
    }),
  )
  if (new Set(spaces).size !== 1) throw new Error(`not everybody is in the gateway's namespace: ${spaces.join(', ')}`)
}
