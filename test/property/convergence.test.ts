import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {attachment} from '../../src/lib/model/gateway.js'
import {isReady, isUp, type ObservedContainer} from '../../src/lib/model/container.js'
import {stepsOf, type ChangingVerb} from '../../src/lib/model/plan.js'
import {carry, outcomeLines} from '../support/unit/carry-out.js'
import {MemoryEngine} from '../support/unit/memory-engine.js'
import {stageLines} from '../support/unit/plan-lines.js'
import {cases, type Case} from './arbitrary.js'

const RUNS = {numRuns: 150}

function engineOf({world, newImages, unknown}: Case): MemoryEngine {
  const engine = new MemoryEngine(world.stack).load(world.observed)
  for (const {name, image} of world.stack.services.values()) {
    if (image === undefined) continue
    engine.registry.set(image, newImages.includes(name) ? `sha256:${name}-new` : (engine.local.get(image) ?? `sha256:${name}-image`))
    if (unknown.includes(name)) engine.silent.add(image)
  }
  // A gateway finds another server.
  for (const [name, {health}] of engine.containers) {
    if (health === 'unhealthy')
      setTimeout(() => engine.containers.get(name)?.health === 'unhealthy' && engine.become(name, {health: 'healthy'}), 1)
  }
  return engine
}

async function run(engine: MemoryEngine, {world, services}: Case, verb: ChangingVerb) {
  const result = await carry(engine, world.stack, verb, {intent: {services, limits: {healthy: 5}}})
  return {...result, bad: outcomeLines(result.outcomes.filter((outcome) => outcome.result !== 'done'))}
}

/** Nothing moves by itself, but for the unhealthy: "starting" for ever is a test of wait, and not of convergence. */
const cured = cases.map((one): Case => {
  const containers = [...one.world.observed.containers].map(([name, container]) => [name, settled(container)] as const)
  return {...one, world: {...one.world, observed: {...one.world.observed, containers: new Map(containers)}}}
})

const settled = (container: ObservedContainer): ObservedContainer => ({
  ...container,
  state: container.state === 'restarting' ? 'running' : container.state,
  health: container.health === 'unhealthy' ? 'unhealthy' : 'healthy',
})

describe('carried out against an engine with Docker’s rules', () => {
  it('up comes to its end, and then has nothing left to do', async () => {
    await fc.assert(
      fc.asyncProperty(cured, async (one) => {
        const engine = engineOf(one)
        expect((await run(engine, one, 'up')).bad).toEqual([])
        expect(stageLines((await run(engine, one, 'up')).plans[0]!)).toEqual([])
      }),
      RUNS,
    )
  })

  it('up of a whole stack leaves everyone running, ready and in the gateway’s present namespace', async () => {
    await fc.assert(
      fc.asyncProperty(cured, async (one) => {
        const whole = {...one, services: []}
        const engine = engineOf(whole)
        await run(engine, whole, 'up')
        for (const {name, gateway} of one.world.stack.services.values()) {
          const container = engine.containers.get(name)
          expect(isUp(container) || isReady(container), name).toBe(true)
          if (gateway !== undefined) expect(attachment(container!, engine.containers.get(gateway)), name).toBe('attached')
        }
      }),
      RUNS,
    )
  })

  it.each(['start', 'restart', 'update'] as const)('%s never fails, and cuts nobody off who was connected', async (verb) => {
    await fc.assert(
      fc.asyncProperty(cured, async (one) => {
        const engine = engineOf(one)
        expect((await run(engine, one, verb)).bad).toEqual([])
        for (const {name, gateway} of one.world.stack.services.values()) {
          const before = one.world.observed.containers.get(name)
          if (
            gateway === undefined ||
            before === undefined ||
            attachment(before, one.world.observed.containers.get(gateway)) !== 'attached'
          )
            continue
          expect(attachment(engine.containers.get(name)!, engine.containers.get(gateway)), name).toBe('attached')
        }
      }),
      RUNS,
    )
  })

  it('update brings what runs onto the registry’s image, and then finds nothing new', async () => {
    await fc.assert(
      fc.asyncProperty(cured, async (one) => {
        const engine = engineOf(one)
        const running = [...one.world.observed.containers.values()].filter(
          (container) => isUp(container) && (one.services.length === 0 || one.services.includes(container.service)),
        )
        await run(engine, one, 'update')
        for (const {service, image} of running) expect(engine.containers.get(service)?.imageId).toBe(engine.registry.get(image))
        engine.silent.clear()
        const again = (await run(engine, one, 'update')).plans[0]!
        // Who was stopped, and is started because another one needs it, is updated the next time; and an image that was not here
        // is fetched for who was not asked for, and comes along with its gateway.
        const ran = new Set(running.map(({service}) => service))
        const newer = stepsOf(again).filter(
          ({action, target, reason}) => ran.has(target) && (action === 'pull' || reason.includes('image')),
        )
        expect(newer).toEqual([])
      }),
      RUNS,
    )
  })

  it('down removes everything', async () => {
    await fc.assert(
      fc.asyncProperty(cured, async (one) => {
        const engine = engineOf(one)
        await run(engine, {...one, services: []}, 'down')
        expect([...engine.containers.keys()]).toEqual([])
      }),
      RUNS,
    )
  })

  it('stop leaves nobody running', async () => {
    await fc.assert(
      fc.asyncProperty(cured, async (one) => {
        const engine = engineOf(one)
        expect((await run(engine, {...one, services: []}, 'stop')).bad).toEqual([])
        expect([...engine.containers.values()].filter(isUp)).toEqual([])
      }),
      RUNS,
    )
  })
})
