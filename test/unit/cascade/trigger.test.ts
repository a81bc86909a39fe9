import {describe, expect, it} from 'vitest'
import {CUT, GONE, STALE, STOPPED, aMemory, decided, parked} from '../../support/unit/cascade.js'
import {aWorld, type Deviations} from '../../support/unit/observed.js'
import {aStack, torrent} from '../../support/unit/stack.js'

describe('what made a cascade necessary', () => {
  it.each([
    ['a gateway that is gone', {gluetun: null}, 'gluetun has no container any more'],
    ['one that ended', {gluetun: {...STOPPED, exitCode: 137}}, 'gluetun stopped running (exit code 137)'],
    ['one that Docker could not start', {gluetun: {...STOPPED, error: 'no such device'}}, 'Docker could not start gluetun: no such device'],
    ['one that was recreated', {sonarr: GONE}, 'gluetun has a new container, started at 20:00:00 UTC'],
    ['one that started again', {sonarr: STALE}, 'gluetun started again at 20:00:00 UTC'],
    ['a daemon that restarted', {sonarr: CUT}, "Docker could not start gluetun's dependents, as after a restart of the daemon"],
  ] satisfies [string, NonNullable<Deviations['containers']>, string][])('%s', (_, containers, expected) => {
    expect(decided(aWorld(torrent(), {containers})).trigger).toBe(expected)
  })

  it('nothing to be seen: a service was left stopped, or somebody asked for it', () => {
    expect(decided(aWorld(torrent(), {containers: {sonarr: STOPPED}}), aMemory({parked: parked('sonarr')})).trigger).toBe(
      'a service was left stopped',
    )
    expect(decided(aWorld(torrent()), aMemory(), {force: true}).trigger).toBe('asked for with --force')
  })

  it('names a gateway by name as well as by id', () => {
    const sonarr = {...STALE, networkMode: 'container:torrent-gluetun-1'}
    expect(decided(aWorld(torrent(), {containers: {sonarr}})).trigger).toBe('gluetun started again at 20:00:00 UTC')
  })

  it('two gateways', () => {
    const stack = aStack({gluetun: {}, sonarr: {gateway: 'gluetun'}, mullvad: {}, prowlarr: {gateway: 'mullvad'}})
    expect(decided(aWorld(stack, {containers: {gluetun: null, prowlarr: STALE}})).trigger).toBe(
      'gluetun has no container any more; mullvad started again at 20:00:00 UTC',
    )
  })
})
