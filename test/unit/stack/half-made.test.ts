import {expect, it} from 'vitest'
import {planUp} from '../../../src/lib/stack/plan-up.js'
import {diagnose} from '../../../src/lib/cascade/diagnose.js'
import {aWorld, STARTED} from '../../support/unit/observed.js'
import {anIntent, planLines} from '../../support/unit/plan-lines.js'
import {torrent} from '../../support/unit/stack.js'

/** What a killed Compose leaves: the old container is gone, the new one has not got its name yet. */
const inPart = (service: string) => ({name: `0123456789ab_torrent-${service}-1`, state: 'created', startedAt: 0}) as const
const question = {
  parked: new Set(['gluetun', 'sonarr']),
  ran: new Set<string>(),
  treated: new Set<string>(),
  now: STARTED + 60_000,
  forced: () => false,
}

it('replaces a dependent that was made only in part, so that it gets its name', () => {
  const world = aWorld(torrent(), {containers: {sonarr: inPart('sonarr')}})
  expect(diagnose({...question, world}).find(({service}) => service === 'sonarr')).toMatchObject({
    course: ['replace', 'start'],
    reason: 'its new container was made only in part',
  })
})

it('replaces a gateway that was made only in part', () => {
  const world = aWorld(torrent(), {containers: {gluetun: inPart('gluetun')}})
  expect(diagnose({...question, world})[0]).toMatchObject({service: 'gluetun', course: ['replace', 'start']})
})

it('leaves alone who has such a name and runs, and who was made by somebody and not started', () => {
  const world = aWorld(torrent(), {containers: {sonarr: {...inPart('sonarr'), state: 'running', startedAt: STARTED}}})
  expect(diagnose({...question, world}).every(({course}) => course.length === 0)).toBe(true)
  const made = aWorld(torrent(), {containers: {sonarr: inPart('sonarr')}})
  expect(diagnose({...question, parked: new Set(), world: made}).every(({course}) => course.length === 0)).toBe(true)
})

it('recreates it at up, too', () => {
  const world = aWorld(torrent(), {containers: {watcher: inPart('watcher')}})
  expect(planLines(planUp(world, anIntent()))[0]).toBe('1 recreate watcher: its new container was made only in part')
})
