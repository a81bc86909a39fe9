import {describe, expect, it} from 'vitest'
import type {JournalRecord} from '../../../src/lib/journal/record.js'
import {configurationError, OperatorError} from '../../../src/lib/util/errors.js'
import {carry} from '../../support/unit/carry-out.js'
import {MemoryEngine} from '../../support/unit/memory-engine.js'
import {MemoryJournal} from '../../support/unit/memory-journal.js'
import {observedOf} from '../../support/unit/observed.js'
import {aStack, torrent} from '../../support/unit/stack.js'

const running = (stack = torrent()) => new MemoryEngine(stack).load(observedOf(stack, {}))
const full = configurationError('The journal /j cannot be written: ENOSPC')
const refusing =
  (...kinds: JournalRecord['kind'][]) =>
  ({kind}: JournalRecord): void => {
    if (kinds.includes(kind)) throw full
  }

describe('an operation of a command', () => {
  it('is written down: who asked, what was planned, what became of each step, and how it ended', async () => {
    const journal = new MemoryJournal()
    await carry(running(), torrent(), 'restart', {intent: {services: ['gluetun']}, hands: {journal, newOperation: () => 'op'}})
    expect(journal.lines).toEqual([
      'began torrent restart: homelab stack torrent restart gluetun',
      'planned stop qbittorrent, stop sonarr, restart gluetun, wait gluetun, start qbittorrent, start sonarr, wait qbittorrent, wait sonarr',
      'step stop qbittorrent: done',
      'step stop sonarr: done',
      'step restart gluetun: done',
      'step wait gluetun: done',
      'step start qbittorrent: done',
      'step start sonarr: done',
      'step wait qbittorrent: done',
      'step wait sonarr: done',
      'ended done: 8 steps done',
    ])
    expect(new Set(journal.records.map(({op}) => op))).toEqual(new Set(['op']))
    expect(journal.records[0]).toMatchObject({by: 'command'})
  })

  it('has its beginning and its plan on disk before the first step', async () => {
    const journal = new MemoryJournal()
    const engine = running()
    const before: string[][] = []
    engine.before = () => void before.push(journal.lines.map((line) => line.split(' ')[0] ?? ''))
    await carry(engine, torrent(), 'stop', {intent: {services: ['watcher']}, hands: {journal}})
    expect(before).toEqual([['began', 'planned']])
  })

  it('has the second plan, and what was found wrong after the last step', async () => {
    const stack = aStack({plex: {}})
    const journal = new MemoryJournal()
    const engine = running(stack)
    engine.silent.add('example.org/plex:1')
    engine.registry.set('example.org/plex:1', 'sha256:new')
    engine.before = (deed) => {
      if (deed === 'create plex') queueMicrotask(() => setTimeout(() => engine.local.set('example.org/plex:1', 'sha256:newer')))
    }
    engine.behaviours.set('plex', {health: 'starting'})
    setTimeout(() => engine.become('plex', {health: 'healthy'}), 40)
    await carry(engine, stack, 'update', {hands: {journal}})
    expect(journal.lines.slice(1)).toEqual([
      'planned pull plex',
      'step pull plex: done',
      'planned recreate plex, wait plex',
      'step recreate plex: done',
      'step wait plex: done',
      'step recreate plex: failed',
      'ended failed: 3 steps done, 1 not; plex was recreated, but does not run the image of example.org/plex:1.',
    ])
  })

  it('leaves no trace when nothing is done', async () => {
    const journal = new MemoryJournal()
    await carry(running(), torrent(), 'up', {hands: {journal}})
    await carry(new MemoryEngine(torrent()), torrent(), 'up', {dryRun: true, hands: {journal}})
    await expect(carry(running(), torrent(), 'stop', {intent: {services: ['sonar']}, hands: {journal}})).rejects.toThrow()
    expect(journal.lines).toEqual([])
  })

  it.each([
    ['failed: no daemon', new OperatorError('no daemon'), false],
    ['failed: Ended by an error that homelab did not expect.', new TypeError('a bug'), false],
    ['cancelled: no daemon', new OperatorError('no daemon'), true],
  ])('says how it ended when the second look fails: %s', async (ending, error, cancel) => {
    const journal = new MemoryJournal()
    const engine = running()
    const stopping = new AbortController()
    engine.silent.add('example.org/sonarr:1')
    engine.before = () => {
      engine.observe = async () => {
        if (cancel) stopping.abort()
        throw error
      }
    }
    await expect(carry(engine, torrent(), 'update', {signal: stopping.signal, hands: {journal}})).rejects.toBe(error)
    expect(journal.lines.at(-1)).toBe(`ended ${ending}`)
  })
})

describe('a journal that takes nothing', () => {
  it.each(['began', 'planned'] as const)('refuses the operation at "%s", before anything is done', async (kind) => {
    const journal = new MemoryJournal()
    journal.refuse = refusing(kind)
    const engine = running()
    await expect(carry(engine, torrent(), 'stop', {hands: {journal}})).rejects.toBe(full)
    expect(engine.done).toEqual([])
  })

  it('stops nothing that has begun, and is told once', async () => {
    const journal = new MemoryJournal()
    journal.refuse = refusing('step', 'ended')
    const warnings: string[] = []
    const {outcomes} = await carry(running(), torrent(), 'stop', {hands: {journal, warn: (text) => warnings.push(text)}})
    expect(outcomes.map(({result}) => result)).toEqual(['done', 'done', 'done', 'done'])
    expect(warnings).toEqual([
      'The journal /j cannot be written: ENOSPC. The operation goes on, and homelab history will not show all of it.',
    ])
  })
})
