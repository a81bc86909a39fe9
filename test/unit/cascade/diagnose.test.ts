import {describe, expect, it} from 'vitest'
import type {ObservedContainer} from '../../../src/lib/model/container.js'
import {diagnose as diagnoseAll, type Diagnosis} from '../../../src/lib/cascade/diagnose.js'
import {CUT, GONE, NOW, STALE, STOPPED, UNSTARTED, diagnosed} from '../../support/unit/cascade.js'
import {aWorld, type Deviations} from '../../support/unit/observed.js'
import {aStack, torrent} from '../../support/unit/stack.js'

type Words = Partial<ObservedContainer> | null
type Case = {readonly sonarr: Words; readonly parked?: boolean}

const GATEWAYS = {
  ready: {},
  troubled: {health: 'unhealthy'},
  paused: {state: 'paused'},
  starting: {health: 'starting'},
  away: STOPPED,
  missing: null,
} satisfies Record<string, Words>

const DEPENDENTS = {
  'lives in its namespace': {sonarr: {}},
  'lives in it and is still written down': {sonarr: {}, parked: true},
  'holds the one of its last start': {sonarr: STALE},
  'belongs to another container': {sonarr: GONE},
  'ends by itself again and again': {sonarr: {state: 'restarting', exitCode: 1}},
  'was stopped by its operator': {sonarr: STOPPED},
  'was stopped by its operator before its gateway was recreated': {sonarr: {...STOPPED, ...GONE}},
  'was removed by its operator': {sonarr: null},
  'was created and never started': {sonarr: {state: 'created', health: 'none'}},
  'could not be started by Docker': {sonarr: UNSTARTED},
  'was created, and could not be started by Docker': {sonarr: {...UNSTARTED, state: 'created'}},
  'is paused': {sonarr: {...STALE, state: 'paused'}},
  'was ended by Docker': {sonarr: CUT},
  'was ended by Docker, and belongs to another container': {sonarr: {...CUT, ...GONE}},
  'is parked': {sonarr: STOPPED, parked: true},
  'is parked, and belongs to another container': {sonarr: {...STOPPED, ...GONE}, parked: true},
  'is parked, and has its new container': {sonarr: {state: 'created', health: 'none'}, parked: true},
  'is parked, and has no container': {sonarr: null, parked: true},
} satisfies Record<string, Case>

type Row = readonly [dependent: keyof typeof DEPENDENTS, ...courses: Record<keyof typeof GATEWAYS, string>[keyof typeof GATEWAYS][]]

const NO = ['', '', '', '', '', ''] as const
const BACK = ['start', 'gate start', 'gate start', 'gate start', 'gate start', 'gate replace start'] as const
const ANEW = [
  'replace start',
  'replace gate start',
  'replace gate start',
  'replace gate start',
  'gate replace start',
  'gate replace start',
] as const
const LOST = 'stop gate replace start'

/** What is done behind a gateway that is ready, troubled, paused, starting, away, missing. */
const TABLE: readonly Row[] = [
  ['lives in its namespace', '', '', '', 'stop gate start', 'stop gate start', LOST],
  ['lives in it and is still written down', '', '', '', 'stop gate start', 'stop gate start', LOST],
  ['holds the one of its last start', 'restart', 'stop gate start', 'stop gate start', 'stop gate start', 'stop gate start', LOST],
  ['belongs to another container', 'stop replace start', ...Array<string>(3).fill('stop replace gate start'), LOST, LOST],
  ['ends by itself again and again', '', '', '', 'stop gate start', 'stop gate start', LOST],
  ['was stopped by its operator', ...NO],
  ['was stopped by its operator before its gateway was recreated', ...NO],
  ['was removed by its operator', ...NO],
  ['was created and never started', ...NO],
  ['could not be started by Docker', ...BACK],
  ['was created, and could not be started by Docker', ...BACK],
  ['is paused', ...NO],
  ['was ended by Docker', ...BACK],
  ['was ended by Docker, and belongs to another container', ...ANEW],
  ['is parked', ...BACK],
  ['is parked, and belongs to another container', ...ANEW],
  ['is parked, and has its new container', ...BACK],
  ['is parked, and has no container', ...ANEW],
]

const one = (name: string, deviations: Deviations, parked: readonly string[] = [], forced = false, stack = torrent()): Diagnosis => {
  const found = diagnosed(aWorld(stack, deviations), {parked, forced})
  const diagnosis = found.find(({service}) => service === name)
  if (diagnosis === undefined) throw new Error(`no diagnosis of ${name}`)
  return diagnosis
}

describe('a dependent that', () => {
  const cases = TABLE.flatMap(([dependent, ...courses]) =>
    Object.keys(GATEWAYS).map((gateway, place) => [dependent, gateway as keyof typeof GATEWAYS, courses[place] ?? ''] as const),
  )
  it.each(cases)('%s, behind a gateway that is %s: %s', (dependent, gateway, course) => {
    const {sonarr, parked}: Case = DEPENDENTS[dependent]
    expect(one('sonarr', {containers: {gluetun: GATEWAYS[gateway], sonarr}}, parked ? ['sonarr'] : []).course.join(' ')).toBe(course)
  })
})

describe('a gateway', () => {
  const gateway = (words: Words, parked: readonly string[] = []): string => {
    const {course, fine, reason} = one('gluetun', {containers: {gluetun: words}}, parked)
    return `${course.join(' ') || (fine ? 'fine' : 'left')}: ${reason}`
  }

  it.each([
    ['that runs', {}, 'fine: it runs, healthy'],
    ['without a health check', {health: 'none'}, 'fine: it runs'],
    ['that its operator stopped', {...STOPPED, exitCode: 137}, 'left: its operator stopped it (exit code 137)'],
    ['that is paused', {state: 'paused'}, 'left: it is paused'],
    ['that has no container', null, 'left: it has no container'],
    ['that Docker could not start', CUT, 'start: Docker could not start it without its gateway'],
    ['whose port is taken', UNSTARTED, `start: Docker could not start it: ${UNSTARTED.error}`],
    ['whose port was taken at its first start', {...UNSTARTED, state: 'created'}, `start: Docker could not start it: ${UNSTARTED.error}`],
  ] satisfies [string, Words, string][])('%s', (_, words, expected) => {
    expect(gateway(words)).toBe(expected)
  })

  it('without a restart policy stays as it is, and is not said to be stopped by a person', () => {
    const stack = torrent({gluetun: {restarts: false}})
    expect(one('gluetun', {containers: {gluetun: UNSTARTED}}, [], false, stack)).toMatchObject({
      course: [],
      reason: `Docker could not start it: ${UNSTARTED.error}`,
    })
  })

  it('that a command took down is brought back', () => {
    expect(gateway(STOPPED, ['gluetun'])).toBe('start: it was stopped for a time')
    expect(gateway(null, ['gluetun'])).toBe('replace start: its new container was not made')
  })
})

describe('a service that has to do with no gateway', () => {
  const plex = (words: Words, restarts = true, treated: readonly string[] = []): string => {
    const world = aWorld(aStack({plex: {restarts}}), {containers: {plex: words}})
    const found = diagnoseAll({world, parked: new Set(), ran: new Set(), now: NOW, treated: new Set(treated), forced: () => true})
    return found.map(({course, fine, reason}) => `${course.join(' ') || (fine ? 'fine' : 'left')}: ${reason}`).join()
  }

  it('is started where Docker could not, and then only proven', () => {
    expect(plex(UNSTARTED)).toBe(`start: Docker could not start it: ${UNSTARTED.error}`)
    expect(plex({}, true, ['plex'])).toBe('fine: it runs')
  })

  it('is nobody’s business else', () => {
    expect([plex({}), plex(STOPPED), plex(null), plex({state: 'created'}), plex(UNSTARTED, false)]).toEqual(['', '', '', '', ''])
  })
})

describe('who ended with a killed daemon', () => {
  const back = (finishedAt: number, ran: readonly string[], daemonStartedAt?: number): string => {
    const world = aWorld(torrent(), {containers: {gluetun: {...STOPPED, finishedAt}, sonarr: {...STOPPED, finishedAt}}})
    const observed = {...world.observed, ...(daemonStartedAt !== undefined && {daemonStartedAt})}
    const found = diagnosed({...world, observed}, {ran})
    return found.flatMap(({service, course}) => (course.length > 0 ? [`${service} ${course.join(' ')}`] : [])).join(', ')
  }

  it('is brought back, if the last look saw it running', () => {
    expect(back(NOW - 5_000, ['gluetun-1', 'sonarr-1'], NOW)).toBe('gluetun start, qbittorrent stop gate start, sonarr gate start')
    expect(back(NOW - 5_000, ['gluetun-1'], NOW)).toBe('gluetun start, qbittorrent stop gate start')
  })

  it('is left, if it ended long before the daemon started, after that, or nobody knows when that was', () => {
    const ran = ['sonarr-1']
    const only = 'qbittorrent stop gate start'
    expect([back(NOW - 300_000, ran, NOW), back(NOW + 1, ran, NOW), back(NOW - 5_000, ran)]).toEqual([only, only, only])
  })
})

describe('diagnose', () => {
  it('takes a gateway without a health check to be ready after three seconds', () => {
    const since = (milliseconds: number): string =>
      one('sonarr', {containers: {gluetun: {health: 'none', startedAt: NOW - milliseconds}, sonarr: {...CUT}}}).course.join(' ')
    expect([since(2_999), since(3_000)]).toEqual(['gate start', 'start'])
  })

  it('believes the kernel, where it can be asked, and not the clock', () => {
    const at = (gluetun: string, sonarr: string, startedAt: number): string =>
      one('sonarr', {containers: {gluetun: {namespace: gluetun}, sonarr: {namespace: sonarr, startedAt}}}).course.join(' ')
    expect([at('net:1', 'net:1', STALE.startedAt), at('net:1', 'net:2', NOW)]).toEqual(['', 'restart'])
  })

  it('leaves whom it could not look at, and everybody behind such a gateway', () => {
    const of = (unreadable: string): Record<string, string> => {
      const world = aWorld(torrent(), {containers: {sonarr: STALE, [unreadable]: null}})
      const seen = {...world, observed: {...world.observed, unreadable: new Map([[unreadable, 'it hangs']])}}
      const found = diagnosed(seen, {parked: [unreadable]})
      return Object.fromEntries(found.map(({service, course, reason}) => [service, course.join(' ') || reason]))
    }
    expect(of('qbittorrent')).toEqual({gluetun: 'it runs, healthy', qbittorrent: 'it could not be looked at: it hangs', sonarr: 'restart'})
    expect(of('gluetun')).toEqual({
      gluetun: 'it could not be looked at: it hangs',
      qbittorrent: 'gluetun could not be looked at',
      sonarr: 'gluetun could not be looked at',
    })
  })

  it('restarts what is fine under --force, behind a gateway that is ready', () => {
    const forced = (words: Words): string => one('sonarr', {containers: {gluetun: words}}, [], true).course.join(' ')
    expect([forced({}), forced({health: 'unhealthy'}), forced({health: 'starting'})]).toEqual(['restart', '', 'stop gate start'])
  })

  it('keeps two gateways of a stack apart, and says nothing of who is behind neither', () => {
    const stack = aStack({gluetun: {}, sonarr: {gateway: 'gluetun'}, mullvad: {}, prowlarr: {gateway: 'mullvad'}, plex: {}})
    const world = aWorld(stack, {containers: {mullvad: {health: 'starting'}}})
    const found = diagnosed(world)
    expect(found.map(({service, course}) => `${service} ${course.join(' ')}`.trim())).toEqual([
      'gluetun',
      'sonarr',
      'mullvad',
      'prowlarr stop gate start',
    ])
  })
})
