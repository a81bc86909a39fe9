import {DEFAULTS} from '../../../src/lib/config/load.js'
import {describe, expect, it} from 'vitest'
import {carryOutAll} from '../../../src/lib/update/run.js'
import {observeEach} from '../../../src/lib/stack/status.js'
import {silent, type ChangingVerb} from '../../../src/lib/model/plan.js'
import {OperatorError} from '../../../src/lib/util/errors.js'
import {handsOf, never} from '../../support/unit/carry-out.js'
import {MemoryEngine} from '../../support/unit/memory-engine.js'
import {anIntent} from '../../support/unit/plan-lines.js'
import {aStack} from '../../support/unit/stack.js'

const stacks = [aStack({plex: {}}, 'plex'), aStack({sonarr: {}}, 'torrent'), aStack({homepage: {}}, 'services')]

function all(engine: MemoryEngine, verb: ChangingVerb, after: Record<string, string[]>, signal = never) {
  const configuration = {
    ...DEFAULTS,
    timeouts: {healthy: 1},
    stacks: Object.fromEntries(Object.entries(after).map(([name, others]) => [name, {after: others}])),
  }
  const order = {verb, dryRun: false, intent: anIntent()}
  return carryOutAll(order, {stacks, setting: {configuration}}, handsOf(engine), () => silent, signal)
}

describe('carryOutAll', () => {
  it('brings up a stack after those that it is said to come after', async () => {
    const engine = new MemoryEngine(...stacks)
    await all(engine, 'up', {plex: ['services'], services: ['torrent']})
    expect(engine.done).toEqual(['create sonarr', 'create homepage', 'create plex'])
  })

  it('takes down the other way round', async () => {
    const engine = new MemoryEngine(...stacks)
    await all(engine, 'up', {})
    engine.done.length = 0
    await all(engine, 'down', {plex: ['services'], services: ['torrent']})
    expect(engine.done).toEqual(['remove plex', 'remove homepage', 'remove sonarr'])
  })

  it('does not wait for ever in a circle', async () => {
    const reports = await all(new MemoryEngine(...stacks), 'up', {plex: ['torrent'], torrent: ['plex']})
    expect(reports.map(({stack, result}) => [stack, result?.outcomes.length])).toEqual([
      ['plex', 2],
      ['torrent', 2],
      ['services', 2],
    ])
  })

  it('goes on with the others when one stack fails', async () => {
    const engine = new MemoryEngine(...stacks)
    engine.failures.set('declare torrent', new OperatorError('bad file', {exitCode: 78}))
    const reports = await all(engine, 'up', {plex: ['torrent']})
    expect(reports.map(({stack, error}) => [stack, error?.message])).toEqual([
      ['plex', undefined],
      ['torrent', 'bad file'],
      ['services', undefined],
    ])
  })

  it('throws what nobody expected', async () => {
    const engine = new MemoryEngine(...stacks)
    engine.failures.set('declare torrent', new TypeError('a bug'))
    await expect(all(engine, 'up', {})).rejects.toThrow('a bug')
  })

  it('says cancelled, 130, of a stack that was not even looked at', async () => {
    const engine = new MemoryEngine(...stacks)
    const stopping = new AbortController()
    stopping.abort()
    engine.failures.set('observe', new Error('aborted'))
    const reports = await all(engine, 'up', {}, stopping.signal)
    expect(reports.map(({error}) => error?.exitCode)).toEqual([130, 130, 130])
  })
})

describe('observeEach', () => {
  it('shows the others when one cannot be read', async () => {
    const engine = new MemoryEngine(...stacks)
    engine.failures.set('declare torrent', new OperatorError('bad file'))
    const seen = await observeEach(stacks, engine, never)
    expect(seen.worlds.map(({stack}) => stack.name)).toEqual(['plex', 'services'])
    expect(seen.failed).toMatchObject([{stack: 'torrent', error: {message: 'bad file'}}])
  })
})
