import {describe, expect, it} from 'vitest'
import type {CascadeIntent} from '../../../src/lib/cascade/decide.js'
import {CUT, GONE, NOW, STALE, STOPPED, aMemory, anEpisode, decided, parked, stagesText} from '../../support/unit/cascade.js'
import {aWorld, STARTED, type Deviations} from '../../support/unit/observed.js'
import {torrent} from '../../support/unit/stack.js'
import type {CascadeMemory} from '../../../src/lib/model/cascade.js'

type Containers = NonNullable<Deviations['containers']>

const decide = (containers: Containers, memory: CascadeMemory = aMemory(), words: Partial<CascadeIntent> = {}) =>
  decided(aWorld(torrent(), {containers}), memory, words)

const BOTH = {qbittorrent: STALE, sonarr: STALE}
const AWAY = {gluetun: STOPPED, qbittorrent: STOPPED, sonarr: STOPPED}
const PARKED = aMemory({parked: parked('qbittorrent', 'sonarr')})
const HERE = `gluetun gluetun-1 ${STARTED - 1000}`

describe('what is decided', () => {
  it('nothing, of a stack that is whole', () => {
    const ran = ['gluetun-1', 'qbittorrent-1', 'sonarr-1']
    const memory = aMemory({ran})
    expect(decide({}, memory)).toMatchObject({phase: 'whole', plan: {stages: []}, memory})
  })

  it('a gateway of which only the list has told is not there, and is left to Docker', () => {
    const {plan, diagnoses} = decide({...BOTH, gluetun: {...STOPPED, brief: true, exitCode: 128}}, aMemory({parked: parked('gluetun')}))
    expect(stagesText(plan.stages)).toEqual(['stop qbittorrent, stop sonarr'])
    expect(diagnoses[0]).toMatchObject({service: 'gluetun', course: [], reason: 'Docker is at work on it'})
  })

  it('a repair: what it takes down is in the memory, as are its operation and that it counts', () => {
    const {phase, plan, memory} = decide(BOTH)
    expect([phase, stagesText(plan.stages)]).toEqual(['repair', ['restart qbittorrent, restart sonarr']])
    expect(memory.parked.map(({service, since}) => [service, since])).toEqual([
      ['qbittorrent', NOW],
      ['sonarr', NOW],
    ])
    expect(memory.episode).toMatchObject({
      op: 'new',
      startedAt: NOW,
      situation: HERE,
      broughtBackIn: HERE,
      services: ['qbittorrent', 'sonarr'],
    })
    expect(memory.cascades).toEqual([NOW])
  })

  it('to park what is left running behind a gateway that is away, and what comes later', () => {
    const {phase, plan, gate, later} = decide({gluetun: STOPPED})
    expect([phase, stagesText(plan.stages), stagesText([gate, ...later])]).toEqual([
      'repair',
      ['stop qbittorrent, stop sonarr'],
      ['wait gluetun', 'start qbittorrent, start sonarr', 'wait qbittorrent, wait sonarr'],
    ])
  })

  it('to wait, when everybody is parked', () => {
    const episode = anEpisode({startedAt: NOW - 100_000, situation: 'gluetun away'})
    expect(decide(AWAY, {...PARKED, episode})).toMatchObject({phase: 'gateway', recheckMs: 200_000})
  })

  it('to prove a repair, and only of those whom it touched', () => {
    const {phase, plan} = decide({}, aMemory({episode: anEpisode({services: ['sonarr']})}))
    expect([phase, stagesText(plan.stages)]).toEqual(['verify', ['wait sonarr']])
  })

  it('to go on after a kill: who was written down and never stopped is no longer parked', () => {
    expect(decide({}, PARKED).memory.parked).toEqual([])
    expect(decide({sonarr: STOPPED}, PARKED).memory.parked.map(({service}) => service)).toEqual(['sonarr'])
  })

  it('to forget a parked service that is declared no more', () => {
    expect(decide({}, aMemory({parked: parked('bazarr')})).memory.parked).toEqual([])
  })
})

describe('the time to say that the gateway does not come back', () => {
  const at = (waited: number, words: object = {}, containers: Containers = AWAY) =>
    decide(containers, {...PARKED, episode: anEpisode({startedAt: NOW - waited, situation: 'gluetun away', ...words})}).recheckMs

  it('comes after the limit, once', () => {
    expect([at(0), at(299_999), at(300_000), at(900_000), at(900_000, {alerted: 'gateway'})]).toEqual([300_000, 1, 0, 0, undefined])
  })

  it('does not keep a gateway without a health check from being looked at each second', () => {
    const silent = {...AWAY, gluetun: {health: 'none', startedAt: NOW - 1_000}} as const
    expect([at(0, {}, silent), at(900_000, {alerted: 'gateway'}, silent), at(300_000, {}, silent)]).toEqual([1_000, 1_000, 0])
  })
})

describe('after a failed attempt', () => {
  const failed = anEpisode({situation: HERE, attempts: 2, lastAttemptAt: NOW - 5_000, broughtBackIn: HERE})

  it('the next one comes later, unless a person asks', () => {
    expect(decide(BOTH, aMemory({episode: failed}))).toMatchObject({phase: 'backoff', recheckMs: 15_000, plan: {stages: []}})
    expect(decide(BOTH, aMemory({episode: failed}), {byHand: true}).phase).toBe('repair')
  })

  it('that one situation could not be repaired does not silence what is to be told of the next', () => {
    const told = (alerted: 'failed' | 'gateway'): unknown =>
      decide(AWAY, {...PARKED, episode: {...failed, alerted}}).memory.episode?.alerted
    expect([told('failed'), told('gateway')]).toEqual([undefined, 'gateway'])
  })

  it('another start of the gateway is another situation, in which nothing has failed yet', () => {
    const {phase, memory} = decide({...BOTH, gluetun: {startedAt: NOW - 4_000}}, aMemory({episode: failed}))
    expect([phase, memory.episode?.attempts, memory.episode?.op]).toEqual(['repair', 0, 'op'])
  })
})

describe('the count', () => {
  const four = [4, 3, 2, 1].map((minutes) => NOW - minutes * 60_000)
  const counted = (episode: object, cascades: readonly number[], containers: Containers = BOTH): number =>
    decide(containers, aMemory({cascades, episode: anEpisode(episode)})).memory.cascades.length - cascades.length

  it('takes a second start of the gateway within one repair, but not in the same burst', () => {
    const before = {broughtBackIn: 'gluetun gluetun-1 5'}
    expect(counted(before, [NOW - 30_000])).toBe(1)
    expect(counted(before, [NOW - 29_999])).toBe(0)
  })

  it('does not take a second look in the same start, nor one in which nobody is brought back', () => {
    expect(counted({broughtBackIn: HERE}, [NOW - 60_000])).toBe(0)
    expect(counted({broughtBackIn: 'gluetun gluetun-1 5'}, [NOW - 60_000], {gluetun: {health: 'starting'}})).toBe(0)
  })

  it('ends in a pause: nothing is done, and the repair is no more', () => {
    const memory = aMemory({cascades: [...four, NOW - 1]})
    const found = decide(BOTH, memory)
    expect(found).toMatchObject({phase: 'loop', plan: {stages: []}, recheckMs: 3_600_000})
    expect(found.memory).toMatchObject({cascades: [], pausedUntil: NOW + 3_600_000, parked: []})
    expect(found.memory.episode).toBeUndefined()
  })

  it('takes the fifth', () => {
    expect(decide(BOTH, aMemory({cascades: four})).phase).toBe('repair')
  })
})

describe('while cascades pause', () => {
  const until = (pausedUntil: number) => aMemory({pausedUntil})

  it('nothing is done before its end, and then all of it', () => {
    expect(decide(BOTH, until(NOW + 5_000))).toMatchObject({phase: 'paused', recheckMs: 5_000, plan: {stages: []}})
    expect(decide(BOTH, until(NOW + 1)).phase).toBe('paused')
    const after = decide(BOTH, until(NOW))
    expect([after.phase, after.memory.pausedUntil]).toEqual(['repair', undefined])
  })

  it('what is whole is whole', () => {
    expect(decide({}, until(NOW + 5_000)).phase).toBe('whole')
  })

  it('--force repairs, and does not count', () => {
    const {phase, memory} = decide(BOTH, until(NOW + 5_000), {force: true, byHand: true})
    expect([phase, memory.cascades]).toEqual(['repair', []])
  })
})

describe('--force', () => {
  it('restarts what looks fine, and not again what this repair has restarted', () => {
    expect(stagesText(decide({}, aMemory(), {force: true}).plan.stages)).toEqual(['restart qbittorrent, restart sonarr'])
    const {phase, plan} = decide({}, aMemory({episode: anEpisode({services: ['qbittorrent', 'sonarr']})}), {force: true})
    expect([phase, stagesText(plan.stages)]).toEqual(['verify', ['wait qbittorrent, wait sonarr']])
  })
})

describe('who ran at the last look', () => {
  const ran = (containers: Containers, before: readonly string[], unreadable: readonly string[] = []): readonly string[] => {
    const world = aWorld(torrent(), {containers: {...containers, ...Object.fromEntries(unreadable.map((name) => [name, null]))}})
    const observed = {...world.observed, unreadable: new Map(unreadable.map((name) => [name, 'it hangs']))}
    return decided({...world, observed}, aMemory({ran: before})).memory.ran
  }

  it('is remembered without those that a person stopped, and with those that come back', () => {
    const all = ['gluetun-1', 'qbittorrent-1', 'sonarr-1']
    expect(ran({}, [])).toEqual(all)
    expect(ran({sonarr: STOPPED}, all)).toEqual(['gluetun-1', 'qbittorrent-1'])
    expect(ran({sonarr: CUT}, all)).toEqual(all)
    expect(ran({sonarr: {state: 'paused'}}, [])).toEqual(all)
    expect(ran({sonarr: {id: 'sonarr-2', ...GONE}}, all)).toEqual(['gluetun-1', 'qbittorrent-1', 'sonarr-2'])
    expect(ran({gluetun: {...STOPPED, brief: true}}, all)).toEqual(all)
  })

  it('strikes nobody off whom it could not see', () => {
    expect(ran({}, ['sonarr-1'], ['sonarr'])).toEqual(['gluetun-1', 'qbittorrent-1', 'sonarr-1'])
  })

  it('is written down as parked when it ended with the daemon: after the next start of it nothing would show that', () => {
    const world = aWorld(torrent(), {containers: {gluetun: STOPPED, sonarr: {...STOPPED, finishedAt: NOW - 5_000}, qbittorrent: STOPPED}})
    const memory = aMemory({ran: ['sonarr-1'], pausedUntil: NOW + 5_000})
    const {phase, memory: after} = decided({...world, observed: {...world.observed, daemonStartedAt: NOW}}, memory)
    expect([phase, after.parked]).toEqual(['paused', [{service: 'sonarr', reason: 'it ended with the Docker daemon', since: NOW}]])
  })
})
