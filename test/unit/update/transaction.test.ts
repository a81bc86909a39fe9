import {describe, expect, it} from 'vitest'
import {OperatorError} from '../../../src/lib/util/errors.js'
import type {ObservedContainer} from '../../../src/lib/model/container.js'
import type {Transaction} from '../../../src/lib/model/update.js'
import {carryOut} from '../../../src/lib/update/run.js'
import {silent, type ChangingVerb} from '../../../src/lib/model/plan.js'
import {handsOf, never} from '../../support/unit/carry-out.js'
import {MemoryEngine} from '../../support/unit/memory-engine.js'
import {observedOf} from '../../support/unit/observed.js'
import {anIntent} from '../../support/unit/plan-lines.js'
import {torrent} from '../../support/unit/stack.js'
import {aRenewal, MemoryBooks} from '../../support/unit/update-books.js'

const OLD = 'sha256:watcher-image'
const NEW = 'sha256:watcher-new'
const REFERENCE = 'example.org/watcher:1'
const KEPT = 'homelab-kept/torrent/watcher:op'
const gone = new OperatorError('it went wrong')

/** An engine as Docker 26.1.5 with the containerd store: an image without a name is gone. */
function room(containers: Record<string, Partial<ObservedContainer>> = {}) {
  const engine = new MemoryEngine(torrent()).load(observedOf(torrent(), {containers}))
  const books = new MemoryBooks()
  const run = (verb: ChangingVerb, services: readonly string[] = ['watcher'], rules: Parameters<typeof aRenewal>[0] = {}) =>
    carryOut(
      {
        files: torrent(),
        verb,
        dryRun: false,
        intent: anIntent({services, limits: {healthy: 0.1}}),
        resume: async () => aRenewal(rules),
        ...(verb === 'update' && {renewal: async () => aRenewal(rules)}),
      },
      handsOf(engine, {books, newOperation: () => 'op'}),
      silent,
      never,
    )
  return {engine, books, run, image: () => engine.containers.get('watcher')?.imageId}
}

describe('an update', () => {
  it('keeps the old image by a name before its tag moves, and lets go of nothing else', async () => {
    const {engine, run, image} = room()
    engine.registry.set(REFERENCE, NEW)
    expect((await run('update')).updates).toMatchObject([{is: 'done'}])
    expect(engine.done.slice(0, 2)).toEqual([`tag ${KEPT}`, `pull ${REFERENCE}`])
    expect([image(), engine.local.get(KEPT)]).toEqual([NEW, OLD])
  })

  it('whose pull brought nothing new takes the name off again', async () => {
    const {engine, run} = room()
    engine.silent.add(REFERENCE)
    await run('update')
    expect(engine.done).toEqual([`tag ${KEPT}`, `pull ${REFERENCE}`, `untag ${KEPT}`])
  })

  it('goes back to an image that was pruned meanwhile: it is pulled by its digest', async () => {
    const {engine, run, image} = room()
    engine.registry.set(REFERENCE, NEW).set(`example.org/watcher@${OLD}`, OLD)
    engine.behaviours.set('watcher', {health: 'unhealthy'})
    engine.before = (deed) => {
      if (deed !== 'create watcher' || image() !== OLD) return
      engine.local.delete(KEPT)
      engine.before = () => void engine.behaviours.delete('watcher')
    }
    const {updates} = await run('update')
    expect(engine.done).toContain(`pull example.org/watcher@${OLD}`)
    expect([image(), updates[0]?.is]).toEqual([OLD, 'rolled-back'])
  })

  it('rejects an image that ran and was not well', async () => {
    const {engine, books, run} = room()
    engine.registry.set(REFERENCE, NEW)
    engine.behaviours.set('watcher', {health: 'unhealthy'})
    engine.before = (deed) => void (deed === `tag ${REFERENCE}` && engine.behaviours.delete('watcher'))
    expect((await run('update')).updates).toMatchObject([{is: 'rolled-back'}])
    expect(books.rejections).toMatchObject([{service: 'watcher', imageId: NEW}])
  })

  it.each<[string, string, Parameters<typeof aRenewal>[0]]>([
    ['a pull that failed', `pull ${REFERENCE}`, {}],
    ['a copy that had no room', '', {folders: ['/nowhere/at/all'], backup: '/dev/null/copies'}],
    ['a container that could not be made', 'create watcher', {}],
  ])('rejects nothing after %s, and the old one runs on', async (_, fails, rules) => {
    const {engine, books, run, image} = room()
    engine.registry.set(REFERENCE, NEW)
    engine.failures.set(fails, gone)
    const {updates} = await run('update', ['watcher'], rules)
    expect(books.rejections).toEqual([])
    expect([updates[0]?.is, image(), engine.containers.get('watcher')?.state]).toEqual(['kept', OLD, 'running'])
    expect([books.open, engine.local.get(REFERENCE), engine.local.has(KEPT)]).toEqual([undefined, OLD, false])
  })

  it('does not call stranded what runs on untouched, when its image cannot get its name back', async () => {
    const {engine, run} = room()
    engine.registry.set(REFERENCE, NEW)
    engine.failures.set('create watcher', gone).set(`tag ${REFERENCE}`, gone)
    const [update] = (await run('update')).updates
    expect(update).toMatchObject({is: 'kept', reason: 'it went wrong Its image could not be named as before: it went wrong'})
  })
})

describe('a pull', () => {
  it('keeps by a name what runs, and takes it off where nothing changed', async () => {
    const {engine, run} = room()
    engine.silent.add(REFERENCE)
    await run('pull')
    expect(engine.done).toEqual([`tag ${KEPT}`, `pull ${REFERENCE}`, `untag ${KEPT}`])
    engine.registry.set(REFERENCE, NEW)
    await run('pull')
    expect([engine.local.get(KEPT), engine.local.get(REFERENCE)]).toEqual([OLD, NEW])
  })
})

describe('who lives behind a gateway', () => {
  it('gets a new container that starts only when the gateway is healthy, whatever became of it since it was waited for', async () => {
    const {engine, run} = room()
    engine.registry.set('example.org/gluetun:1', 'sha256:gluetun-new')
    const starts: string[] = []
    engine.before = (deed) => {
      if (deed.startsWith('replace')) engine.become('gluetun', {health: 'unhealthy'})
      if (deed.startsWith('replace')) setTimeout(() => engine.become('gluetun', {health: 'healthy'}), 40)
      if (/^(start|create) (qbittorrent|sonarr)/.test(deed)) starts.push(`${deed}: ${engine.containers.get('gluetun')?.health}`)
    }
    const {updates} = await run('update', ['gluetun'])
    expect(starts).toEqual(['start qbittorrent: healthy', 'start sonarr: healthy'])
    expect(updates).toMatchObject([{service: 'gluetun', is: 'done'}])
  })
})

describe('an update that was left in the middle', () => {
  const open: Transaction = {
    op: 'earlier',
    stack: 'torrent',
    startedAt: 0,
    trigger: 'homelab stack torrent update watcher',
    phase: 'changing',
    services: [{service: 'watcher', from: {reference: REFERENCE, imageId: OLD}, to: {reference: REFERENCE}}],
    company: [],
  }
  const left = (container: Partial<ObservedContainer>) => {
    const made = room({watcher: container})
    made.books.open = open
    made.engine.local.set(REFERENCE, NEW).set('homelab-kept/torrent/watcher:earlier', OLD)
    return made
  }

  it.each<ChangingVerb>(['up', 'start', 'restart', 'pull', 'update'])('is brought to its end by %s of another service', async (verb) => {
    const {books, engine, run, image} = left({imageId: OLD, state: 'exited'})
    engine.registry.set(REFERENCE, NEW)
    const {updates} = await run(verb, ['qbittorrent'])
    expect([books.open, image(), engine.containers.get('watcher')?.state]).toEqual([undefined, OLD, 'running'])
    expect([updates[0]?.is, engine.local.get(REFERENCE)]).toEqual(['kept', OLD])
  })

  it.each<ChangingVerb>(['stop', 'down'])('is put away by %s, which does not wait for it, and starts nothing', async (verb) => {
    const {books, engine, run, image} = left({imageId: NEW, health: 'unhealthy'})
    await run(verb)
    expect(engine.done[0]).toBe(verb === 'stop' ? 'stop watcher' : 'remove watcher')
    expect([books.open, engine.local.get(REFERENCE)]).toEqual([undefined, OLD])
    expect(image()).toBe(verb === 'stop' ? OLD : undefined)
    expect(engine.done.some((deed) => /^(start|create)/.test(deed))).toBe(false)
  })

  it('is left alone by a stop of another service', async () => {
    const {books, engine, run} = left({imageId: NEW})
    await run('stop', ['sonarr'])
    expect([books.open, engine.done]).toEqual([open, ['stop sonarr']])
  })
})
