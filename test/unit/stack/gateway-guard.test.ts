import {describe, expect, it} from 'vitest'
import {presentStart, readyGuard, requireReady} from '../../../src/lib/stack/gateway-guard.js'
import {Overtaken} from '../../../src/lib/util/errors.js'
import type {ObservedContainer} from '../../../src/lib/model/container.js'
import {never} from '../../support/unit/carry-out.js'
import {STOPPED} from '../../support/unit/cascade.js'
import {MemoryEngine} from '../../support/unit/memory-engine.js'
import {observedOf, STARTED} from '../../support/unit/observed.js'
import {torrent} from '../../support/unit/stack.js'

const BEHIND = {service: 'gluetun', container: 'gluetun-1', startedAt: STARTED - 1000}

const engine = (words: Partial<ObservedContainer> | null) =>
  new MemoryEngine(torrent()).load(observedOf(torrent(), {containers: {gluetun: words}}))

const asked = async (words: Partial<ObservedContainer> | null): Promise<string> => {
  try {
    await requireReady(engine(words), BEHIND, () => STARTED + 60_000, never)
    return 'go on'
  } catch (error) {
    return error instanceof Overtaken ? error.message : String(error)
  }
}

describe('right before a start', () => {
  it.each([
    ['healthy, and in the same start', {}, 'go on'],
    ['without a health check, for three seconds', {health: 'none'}, 'go on'],
    ['unhealthy', {health: 'unhealthy'}, 'gluetun is not healthy any more'],
    ['starting', {health: 'starting'}, 'gluetun is not healthy any more'],
    ['paused', {state: 'paused'}, 'gluetun is not healthy any more'],
    ['in another start', {startedAt: STARTED}, 'gluetun started again meanwhile'],
    ['stopped', STOPPED, 'gluetun stopped running meanwhile'],
    ['another container', {id: 'gluetun-2'}, 'gluetun has another container by now'],
    ['gone', null, 'gluetun has another container by now'],
  ] satisfies [string, Partial<ObservedContainer> | null, string][])('the gateway is %s', async (_, words, expected) => {
    expect(await asked(words)).toBe(expected)
  })
})

describe('the present start of a gateway', () => {
  it('is the same while it is paused or unhealthy: whoever lives in it stays', async () => {
    expect(await presentStart(engine({state: 'paused'}), BEHIND, never)).toMatchObject({state: 'paused'})
    expect(await presentStart(engine({health: 'unhealthy'}), BEHIND, never)).toMatchObject({health: 'unhealthy'})
  })
})

describe('starts that ask at once', () => {
  it('share one look at their gateway, and no later one does', async () => {
    const docker = engine({})
    let looks = 0
    const inspect = docker.inspect.bind(docker)
    docker.inspect = (id) => {
      looks++
      return inspect(id)
    }
    const guard = readyGuard(docker, () => STARTED + 60_000, never)
    await Promise.all([guard(BEHIND), guard(BEHIND), guard(BEHIND)])
    expect(looks).toBe(1)
    await guard(BEHIND)
    expect(looks).toBe(2)
  })

  it('are all told that it is not ready', async () => {
    const guard = readyGuard(engine({health: 'unhealthy'}), () => STARTED + 60_000, never)
    const answers = await Promise.allSettled([guard(BEHIND), guard(BEHIND)])
    expect(answers.map(({status}) => status)).toEqual(['rejected', 'rejected'])
  })
})
