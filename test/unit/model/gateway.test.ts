import {describe, expect, it} from 'vitest'
import {attachment, endedByNamespace} from '../../../src/lib/model/gateway.js'
import {readiness} from '../../../src/lib/stack/wait.js'
import {stackStatus} from '../../../src/lib/stack/status.js'
import {aContainer, aWorld, STARTED, type Deviations} from '../../support/unit/observed.js'
import {aService, aStack} from '../../support/unit/stack.js'

describe('attachment', () => {
  const gateway = aContainer('gluetun', {startedAt: STARTED})
  const behind = (words = {}) => aContainer('sonarr', {networkMode: 'container:gluetun-1', startedAt: STARTED, ...words})

  it('is attached by id, and by name', () => {
    expect(attachment(behind(), gateway)).toBe('attached')
    expect(attachment(behind({networkMode: 'container:torrent-gluetun-1'}), gateway)).toBe('attached')
  })

  it('is stale when it joined before the gateway’s start, or while the gateway does not run', () => {
    expect(attachment(behind({startedAt: STARTED - 1}), gateway)).toBe('stale')
    expect(attachment(behind(), {...gateway, state: 'exited'})).toBe('stale')
  })

  it('is orphaned of another gateway, or of none', () => {
    expect(attachment(behind({networkMode: 'container:gluetun-0'}), gateway)).toBe('orphaned')
    expect(attachment(behind(), undefined)).toBe('orphaned')
  })

  it('is down when it does not run', () => expect(attachment(behind({state: 'exited'}), gateway)).toBe('down'))

  it.each(['cannot join network of a non running container: 4f', 'joining network namespace of container: No such container: 4f'])(
    'knows an end for want of the namespace: %s',
    (error) => {
      expect(endedByNamespace(behind({state: 'exited', error}))).toBe(true)
      expect(endedByNamespace(behind({state: 'running', error}))).toBe(false)
      expect(endedByNamespace(behind({state: 'exited', error: 'exec format error'}))).toBe(false)
    },
  )
})

describe('readiness', () => {
  const service = aService('plex')
  const at = STARTED + 1_000

  it('is ready when healthy', () => expect(readiness(service, aContainer('plex'), at)).toEqual({is: 'ready', how: 'healthy'}))

  it.each(['starting', 'unhealthy'] as const)('still waits while %s', (health) => {
    expect(readiness(service, aContainer('plex', {health}), at)).toMatchObject({is: 'pending', recheckMs: 5_000})
  })

  it('takes three seconds of running for an answer where there is no health check', () => {
    const container = aContainer('plex', {health: 'none'})
    expect(readiness(service, container, STARTED + 1_000)).toEqual({is: 'pending', recheckMs: 2_000})
    expect(readiness(service, container, STARTED + 3_000)).toMatchObject({is: 'ready'})
  })

  it('is lost without a container, when ended, and when it keeps crashing', () => {
    expect(readiness(service, undefined, at)).toEqual({is: 'lost', why: 'it has no container'})
    expect(readiness(service, aContainer('plex', {state: 'exited', exitCode: 1, error: 'no such device'}), at)).toEqual({
      is: 'lost',
      why: 'it ended with exit code 1: no such device',
    })
    expect(readiness(service, aContainer('plex', {state: 'restarting', restarts: 5, exitCode: 2}), at)).toEqual({
      is: 'lost',
      why: 'it keeps ending (5 restarts, exit code 2)',
    })
    expect(readiness(service, aContainer('plex', {state: 'restarting', restarts: 4}), at)).toMatchObject({is: 'pending'})
  })

  it('lets a job end with success, and only a job', () => {
    const ended = aContainer('plex', {state: 'exited', exitCode: 0})
    expect(readiness(aService('plex', {restarts: false}), ended, at)).toMatchObject({is: 'ready'})
    expect(readiness(service, ended, at)).toMatchObject({is: 'lost'})
    expect(readiness(aService('plex', {restarts: false}), {...ended, exitCode: 3}, at)).toMatchObject({is: 'lost'})
  })
})

describe('status', () => {
  const stack = aStack({gluetun: {}, sonarr: {gateway: 'gluetun'}, job: {restarts: false}, debug: {active: false}})
  const says = (service: string, containers: Deviations['containers'] = {}) => {
    const {observed} = aWorld(stack, {containers})
    const [found] = stackStatus({stack, observed}, [service]).services
    return `${found?.verdict}: ${found?.says}`
  }

  it.each([
    ['sonarr', {}, 'good: healthy'],
    ['sonarr', {sonarr: {health: 'none'}}, 'good: running, no health check'],
    ['sonarr', {sonarr: {health: 'starting'}}, 'waiting: starting'],
    ['sonarr', {sonarr: {health: 'unhealthy'}}, 'bad: unhealthy'],
    ['sonarr', {sonarr: null}, 'bad: not created'],
    ['debug', {debug: null}, 'idle: only by hand (profile)'],
    ['sonarr', {sonarr: {state: 'exited', exitCode: 137}}, 'bad: stopped (exit code 137)'],
    ['sonarr', {sonarr: {state: 'exited', error: 'no disk'}}, 'bad: stopped: no disk'],
    ['sonarr', {sonarr: {state: 'created', error: 'port taken', health: 'none'}}, 'bad: not started: port taken'],
    ['sonarr', {sonarr: {state: 'restarting', exitCode: 1}}, 'bad: keeps ending (exit code 1)'],
    ['sonarr', {sonarr: {state: 'paused', health: 'none'}}, 'bad: paused'],
    ['job', {job: {state: 'exited', exitCode: 0}}, 'idle: ended (exit code 0)'],
    ['job', {job: {state: 'exited', exitCode: 2}}, 'bad: stopped (exit code 2)'],
    ['sonarr', {sonarr: {startedAt: 1}}, 'bad: cut off: gluetun started again after it'],
    ['sonarr', {gluetun: {state: 'exited'}}, 'bad: cut off: gluetun is exited'],
    ['sonarr', {sonarr: {networkMode: 'container:gone'}}, 'bad: cut off: belongs to a gluetun that is gone'],
  ] satisfies [string, Deviations['containers'], string][])('of %s with %j: %s', (service, containers, expected) => {
    expect(says(service, containers)).toBe(expected)
  })

  it.each([
    ['lives', {}, 'good: healthy'],
    ['started again', {startedAt: STARTED + 1}, 'bad: cut off: vpn-1 started again after it'],
    ['does not run', {state: 'exited'}, 'bad: cut off: vpn-1 is exited'],
    ['is gone', undefined, 'bad: cut off: belongs to a container that is gone (4f2a)'],
  ] as const)('of one in the namespace of another stack’s container, which %s', (_, words, expected) => {
    const alone = aStack({jackett: {}})
    const {observed} = aWorld(alone, {containers: {jackett: {networkMode: 'container:4f2a'}}})
    const host = words && aContainer('vpn', {id: '4f2a', name: 'vpn-1', startedAt: STARTED - 1, ...words})
    const [found] = stackStatus({stack: alone, observed: {...observed, hosts: new Map([['4f2a', host]])}}, ['jackett']).services
    expect(`${found?.verdict}: ${found?.says}`).toBe(expected)
    if (found?.verdict === 'bad') expect(found.next).toEqual(['homelab stack torrent update --force-recreate jackett'])
  })
})
