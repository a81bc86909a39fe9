import {describe, expect, it} from 'vitest'
import {OperatorError} from '../../../src/lib/util/errors.js'
import {carry, outcomeLines} from '../../support/unit/carry-out.js'
import {MemoryEngine} from '../../support/unit/memory-engine.js'
import {observedOf} from '../../support/unit/observed.js'
import {aStack, torrent} from '../../support/unit/stack.js'

const gone = new OperatorError('it went wrong')
const running = (stack = torrent()) => new MemoryEngine(stack).load(observedOf(stack, {}))

describe('carryOut', () => {
  it('brings up a stack from nothing', async () => {
    const engine = new MemoryEngine(torrent())
    const {outcomes} = await carry(engine, torrent(), 'up')
    expect(new Set(outcomes.map(({result}) => result))).toEqual(new Set(['done']))
    expect([...engine.containers.values()].map(({state}) => state)).toEqual(['running', 'running', 'running', 'running'])
  })

  it('only plans under --dry-run', async () => {
    const engine = new MemoryEngine(torrent())
    const {plans, outcomes} = await carry(engine, torrent(), 'up', {dryRun: true})
    expect(plans[0]?.stages.length).toBeGreaterThan(0)
    expect([outcomes, engine.done]).toEqual([[], []])
  })

  it('refuses an unknown service before anything is done', async () => {
    await expect(carry(running(), torrent(), 'stop', {intent: {services: ['sonar']}})).rejects.toMatchObject({exitCode: 2})
  })

  it('never starts dependents whose gateway does not become healthy', async () => {
    const engine = new MemoryEngine(torrent())
    engine.behaviours.set('gluetun', {health: 'unhealthy', healthOutput: 'no tunnel\nat all'})
    const {outcomes} = await carry(engine, torrent(), 'up')
    expect(outcomeLines(outcomes)).toEqual([
      'create gluetun: done',
      'create watcher: done',
      'wait gluetun: failed (gluetun is not healthy after 0.1 s. Its last health check said: no tunnel)',
      'create qbittorrent: skipped (not done, as gluetun failed)',
      'create sonarr: skipped (not done, as gluetun failed)',
      'wait qbittorrent: skipped (not done, as an earlier step failed)',
      'wait sonarr: skipped (not done, as an earlier step failed)',
      'wait watcher: done (healthy)',
    ])
    expect(engine.done).toEqual(['create gluetun', 'create watcher'])
  })

  it('lets the others go on when one cannot be pulled', async () => {
    const stack = aStack({plex: {}, radarr: {}})
    const engine = running(stack)
    engine.registry.set('example.org/plex:1', 'sha256:new').set('example.org/radarr:1', 'sha256:new')
    engine.failures.set('pull example.org/plex:1', gone)
    const {outcomes, changes} = await carry(engine, stack, 'update')
    expect(outcomeLines(outcomes)).toEqual([
      'pull plex: failed (it went wrong)',
      'pull radarr: done',
      'recreate plex: skipped (not done, as an earlier step failed)',
      'recreate radarr: done',
      'wait plex: skipped (not done, as an earlier step failed)',
      'wait radarr: done (healthy)',
    ])
    expect(changes).toMatchObject([{service: 'radarr', from: 'sha256:radarr-image', to: 'sha256:new'}])
  })

  it('reconnects a dependent whose own pull failed when its gateway gets a new container', async () => {
    const engine = running()
    engine.registry.set('example.org/gluetun:1', 'sha256:new').set('example.org/qbittorrent:1', 'sha256:new')
    engine.failures.set('pull example.org/qbittorrent:1', gone)
    const {outcomes} = await carry(engine, torrent(), 'update')
    const lines = outcomeLines(outcomes)
    expect(lines).toContain('pull qbittorrent: failed (it went wrong)')
    expect(lines).toContain('recreate gluetun: done')
    expect(lines).toContain('recreate qbittorrent: done')
    expect(engine.containers.get('qbittorrent')?.networkMode).toBe(`container:${engine.containers.get('gluetun')?.id}`)
  })

  it('creates one by one after the group has failed, and loses only those that really fail', async () => {
    const stack = aStack({plex: {}, radarr: {}, sonarr: {}})
    const engine = new MemoryEngine(stack)
    engine.failures.set('create radarr', gone)
    const {outcomes} = await carry(engine, stack, 'up')
    expect(outcomeLines(outcomes).toSorted()).toEqual([
      'create plex: done',
      'create radarr: failed (it went wrong)',
      'create sonarr: done',
      'wait plex: done (healthy)',
      'wait radarr: skipped (not done, as an earlier step failed)',
      'wait sonarr: done (healthy)',
    ])
    expect(engine.done).toEqual(['create plex', 'create radarr', 'create plex', 'create radarr', 'create sonarr'])
  })

  it('brings what was begun to its end and cancels the rest', async () => {
    const engine = running()
    const stopping = new AbortController()
    engine.before = (deed) => {
      if (deed === 'stop qbittorrent') stopping.abort()
    }
    const {outcomes} = await carry(engine, torrent(), 'restart', {intent: {services: ['gluetun']}, signal: stopping.signal})
    expect(outcomeLines(outcomes)).toEqual([
      'stop qbittorrent: done',
      'stop sonarr: done',
      'restart gluetun: cancelled (cancelled before it began)',
      'wait gluetun: cancelled (cancelled before it began)',
      'start qbittorrent: cancelled (cancelled before it began)',
      'start sonarr: cancelled (cancelled before it began)',
      'wait qbittorrent: cancelled (cancelled before it began)',
      'wait sonarr: cancelled (cancelled before it began)',
    ])
  })

  it('ends a wait at once when it is cancelled', async () => {
    const engine = new MemoryEngine(aStack({plex: {}}))
    engine.behaviours.set('plex', {health: 'starting'})
    const stopping = new AbortController()
    setTimeout(() => stopping.abort(), 20)
    const {outcomes} = await carry(engine, aStack({plex: {}}), 'up', {intent: {limits: {healthy: 30}}, signal: stopping.signal})
    expect(outcomeLines(outcomes)).toEqual(['create plex: done', 'wait plex: cancelled (cancelled)'])
  })
})

describe('carryOut, update', () => {
  it('looks again after a pull that had to tell what is new', async () => {
    const engine = running()
    engine.silent.add('example.org/sonarr:1').add('example.org/watcher:1')
    engine.registry.set('example.org/sonarr:1', 'sha256:new')
    const {plans, outcomes, changes} = await carry(engine, torrent(), 'update')
    expect(plans).toHaveLength(2)
    expect(outcomeLines(outcomes)).toEqual([
      'pull sonarr: done',
      'pull watcher: done',
      'recreate sonarr: done',
      'wait sonarr: done (healthy)',
    ])
    expect(changes.map(({service}) => service)).toEqual(['sonarr'])
  })

  it('does not come back to what failed in the first look', async () => {
    const engine = running()
    engine.silent.add('example.org/sonarr:1')
    engine.failures.set('pull example.org/sonarr:1', gone)
    const {plans, outcomes} = await carry(engine, torrent(), 'update', {intent: {services: ['sonarr']}})
    expect([plans.length, outcomeLines(outcomes)]).toEqual([1, ['pull sonarr: failed (it went wrong)']])
  })

  it('recreates once under --force-recreate, also where it looks again', async () => {
    const stack = aStack({plex: {}})
    const engine = running(stack)
    engine.silent.add('example.org/plex:1')
    await carry(engine, stack, 'update', {intent: {force: true}})
    expect(engine.done.filter((deed) => deed === 'create plex')).toHaveLength(1)
  })

  it('doubts a recreation after which another image runs than was pulled', async () => {
    const stack = aStack({plex: {}})
    const engine = running(stack)
    engine.registry.set('example.org/plex:1', 'sha256:new')
    // Somebody else moves the tag between recreation and proof.
    engine.before = (deed) => {
      if (deed === 'create plex') queueMicrotask(() => setTimeout(() => engine.local.set('example.org/plex:1', 'sha256:newer')))
    }
    engine.behaviours.set('plex', {health: 'starting'})
    setTimeout(() => engine.become('plex', {health: 'healthy'}), 40)
    const {outcomes} = await carry(engine, stack, 'update')
    expect(outcomeLines(outcomes).at(-1)).toBe(
      'recreate plex: failed (plex was recreated, but does not run the image of example.org/plex:1.)',
    )
  })
})
