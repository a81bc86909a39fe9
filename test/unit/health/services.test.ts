import {describe, expect, it} from 'vitest'
import {serviceSubject} from '../../../src/lib/health/services.js'
import type {ServiceStatus} from '../../../src/lib/stack/status.js'
import {aContainer} from '../../support/unit/observed.js'
import {age} from '../../../src/lib/util/text.js'

const NOW = Date.UTC(2026, 0, 1, 12)
const HOUR = 3_600_000
const container = (more: Partial<ReturnType<typeof aContainer>> = {}) =>
  aContainer('sonarr', {state: 'running', health: 'healthy', startedAt: NOW - 3 * HOUR, restarts: 0, ...more})
const GOOD: ServiceStatus = {service: 'sonarr', verdict: 'good', says: 'healthy', container: container()}
const NOTHING = {namespace: undefined, probe: undefined, imageMade: undefined, oomKills: 0}
const told = (status: Partial<ServiceStatus>, more: object = {}) =>
  serviceSubject({stack: 'torrent', status: {...GOOD, ...status}, ...NOTHING, ...more}, {now: NOW, age})?.findings.map(
    ({is, check, says}) => `${is} ${check}: ${says}`,
  )

describe('a service', () => {
  it('is well, and says what was checked', () => {
    const probe = {ok: true, asked: 'http://127.0.0.1:8989/ping', says: 'answers 200 in 3 ms'}
    expect(told({}, {probe, imageMade: NOW - 48 * HOUR})).toEqual([
      'good container: healthy, up 3 hours',
      'good probe: http://127.0.0.1:8989/ping answers 200 in 3 ms',
      'good image: image 2 days old',
    ])
  })

  it('that need not run, and does not, is left out', () => {
    expect(told({verdict: 'idle'})).toBeUndefined()
  })

  it('that does not run is not asked', () => {
    const probe = {ok: false, asked: 'x', says: 'refused'}
    expect(told({verdict: 'bad', says: 'stopped (exit code 0)', container: container({state: 'exited'})}, {probe})).toEqual([
      'bad container: stopped (exit code 0)',
    ])
  })

  it('that is unhealthy says what its check said last', () => {
    const ill = container({health: 'unhealthy', healthOutput: 'trying\ncurl: (7) refused\n'})
    expect(told({verdict: 'bad', says: 'unhealthy', container: ill})).toEqual([
      'bad container: unhealthy; its health check says: curl: (7) refused',
    ])
  })

  it.each([
    [{restarts: 1, startedAt: NOW - 60_000}, ['warn restarts: Docker restarted it once, lastly 1 minute ago']],
    [{restarts: 3, startedAt: NOW - 60_000}, ['bad restarts: Docker restarted it 3 times, lastly 1 minute ago']],
    [{restarts: 9, startedAt: NOW - 2 * HOUR}, []],
  ])('with %j', (more, expected) => {
    expect(told({container: container(more)})?.slice(1)).toEqual(expected)
  })

  it('that ran out of memory is not well, though it runs', () => {
    expect(told({}, {oomKills: 2})?.[1]).toMatch(/^bad memory: it ran out of memory 2 times within the last hour/)
    expect(told({container: container({oomKilled: true})})?.[1]).toMatch(/^bad memory: it ran out of memory within/)
  })
})
