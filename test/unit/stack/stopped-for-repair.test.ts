import {describe, expect, it} from 'vitest'
import {parkedBy, unparkedBy, withParking} from '../../../src/lib/stack/stopped-for-repair.js'
import type {StepOutcome, Action, Plan, Step} from '../../../src/lib/model/plan.js'
import {handsOf} from '../../support/unit/carry-out.js'
import {aMemory, NOW, parked} from '../../support/unit/cascade.js'
import {MemoryEngine} from '../../support/unit/memory-engine.js'
import {Notebooks} from '../../support/unit/notebooks.js'
import {aStack, torrent} from '../../support/unit/stack.js'

/** "stop sonarr" acts on a container that exists; "create sonarr" on none. */
const step = (text: string): Step => {
  const [action, target = ''] = text.split(' ')
  return {action: action as Action, target, reason: 'a test', needs: [], ...(action === 'create' ? {} : {container: `${target}-1`})}
}

const plan = (verb: string, ...steps: readonly string[]): Plan => ({
  stack: 'torrent',
  verb,
  stages: [steps.map(step)],
  untouched: [],
  notes: [],
  lookAgain: false,
})

const outcomes = (...lines: readonly string[]): StepOutcome[] =>
  lines.map((line) => {
    const [action, target, result = 'done'] = line.split(' ')
    return {step: step(`${action} ${target}`), result: result as StepOutcome['result'], seconds: 0, message: undefined, error: undefined}
  })

const names = ({parked: list}: {parked: readonly {service: string}[]}): string[] => list.map(({service}) => service)

const down = (...steps: readonly string[]): string[] => names(parkedBy(plan('update', ...steps), torrent(), aMemory(), NOW))

describe('who is written down before a plan', () => {
  it('is everybody whom it takes down and brings back', () => {
    expect(down('stop sonarr', 'recreate gluetun', 'start sonarr')).toEqual(['sonarr', 'gluetun'])
    expect(down('restart sonarr')).toEqual(['sonarr'])
  })

  it('is not who is only stopped, only started, or made for the first time', () => {
    expect(down('stop sonarr', 'start qbittorrent', 'create gluetun')).toEqual([])
  })

  it('is not who has nothing to do with a gateway', () => {
    expect(down('recreate watcher')).toEqual([])
  })

  it('stands there once, and keeps what stood there', () => {
    const memory = aMemory({parked: parked('sonarr')})
    const after = parkedBy(plan('restart', 'restart sonarr', 'stop qbittorrent', 'start qbittorrent'), torrent(), memory, NOW)
    expect(after.parked).toEqual([...memory.parked, {service: 'qbittorrent', reason: 'a test', since: NOW}])
  })
})

describe('who is struck off after it', () => {
  const memory = aMemory({parked: parked('qbittorrent', 'sonarr')})

  it('is who was started, in whatever way', () => {
    for (const action of ['start', 'restart', 'recreate', 'create'])
      expect(names(unparkedBy(plan('up', `${action} sonarr`), outcomes(`${action} sonarr`), memory))).toEqual(['qbittorrent'])
  })

  it('is not whose start failed, or was left out', () => {
    for (const result of ['failed', 'skipped', 'cancelled'])
      expect(names(unparkedBy(plan('up', 'start sonarr'), outcomes(`start sonarr ${result}`), memory))).toEqual(['qbittorrent', 'sonarr'])
  })

  it('is who was stopped because a person wants it so, also if it was stopped already', () => {
    expect(names(unparkedBy(plan('stop', 'stop sonarr'), outcomes('stop sonarr'), memory))).toEqual(['qbittorrent'])
    const untouched = [{service: 'qbittorrent', reason: 'it is stopped'}]
    expect(names(unparkedBy({...plan('down', 'remove sonarr'), untouched}, outcomes('remove sonarr'), memory))).toEqual([])
    expect(names(unparkedBy({...plan('update'), untouched}, [], memory))).toEqual(['qbittorrent', 'sonarr'])
  })
})

describe('withParking', () => {
  const hands = (books: Notebooks) => ({...handsOf(new MemoryEngine(torrent())), memory: books.memory, now: () => NOW})

  it('writes before the work and after it', async () => {
    const books = new Notebooks()
    await withParking(plan('restart', 'restart sonarr'), torrent(), hands(books), async () => {
      expect(names(books.present)).toEqual(['sonarr'])
      return outcomes('restart sonarr')
    })
    expect(names(books.present)).toEqual([])
  })

  it('leaves it written down when the work is interrupted', async () => {
    const books = new Notebooks()
    const work = withParking(plan('restart', 'restart sonarr'), torrent(), hands(books), () => Promise.reject(new Error('killed')))
    await expect(work).rejects.toThrow('killed')
    expect(names(books.present)).toEqual(['sonarr'])
  })

  it('writes nothing where nothing changes, and reads nothing for a stack without a gateway', async () => {
    const books = new Notebooks()
    await withParking(plan('up', 'create sonarr'), torrent(), hands(books), async () => outcomes('create sonarr'))
    const bad = {...hands(books), memory: {...books.memory, read: () => Promise.reject(new Error('was read'))}}
    await withParking(plan('restart', 'restart plex'), aStack({plex: {}}), bad, async () => [])
    expect(books.writes).toEqual([])
  })
})
