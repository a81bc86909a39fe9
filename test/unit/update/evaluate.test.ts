import {describe, expect, it} from 'vitest'
import type {Snapshot} from '../../../src/lib/model/update.js'
import {judge, type Failure} from '../../../src/lib/update/evaluate.js'
import {observedOf, type Deviations} from '../../support/unit/observed.js'
import {torrent} from '../../support/unit/stack.js'

const OLD = 'sha256:old'
const taken = (service: string): Snapshot => ({
  service,
  from: {reference: `example.org/${service}:1`, imageId: OLD},
  to: {reference: `example.org/${service}:1`, digest: `sha256:${service}-new`},
})
const judged = (names: readonly string[], containers: Deviations['containers'], failures: readonly Failure[] = []) =>
  judge(torrent(), names.map(taken), observedOf(torrent(), {containers: containers ?? {}}), failures).map(
    ({snapshot, is, reason}) => `${snapshot.service} ${is}${reason === undefined ? '' : `: ${reason}`}`,
  )
const ill = (service: string): Failure => ({service, message: 'it is not healthy'})

describe('what became of an update', () => {
  it('is done when what runs is what the reference names', () => {
    expect(judged(['watcher'], {})).toEqual(['watcher done'])
  })

  it('is current when the old image runs and nothing failed', () => {
    expect(judged(['watcher'], {watcher: {imageId: OLD}})).toEqual(['watcher current'])
  })

  it('has run only if its container was made of another image, and was started', () => {
    const ran = (container: NonNullable<Deviations['containers']>[string]): boolean | undefined =>
      judge(torrent(), [taken('watcher')], observedOf(torrent(), {containers: {watcher: container}}), [ill('watcher')])[0]?.ran
    expect([ran({}), ran({startedAt: 0, state: 'created'}), ran({imageId: OLD, state: 'exited'}), ran(null)]).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  it('is kept when a copy failed, for which the old one was stopped', () => {
    expect(judged(['watcher'], {watcher: {imageId: OLD, state: 'exited'}}, [ill('watcher')])).toEqual(['watcher kept: it is not healthy'])
  })

  it('is kept when something failed before the new image ran', () => {
    expect(judged(['watcher'], {watcher: {imageId: OLD}}, [ill('watcher')])).toEqual(['watcher kept: it is not healthy'])
  })

  it.each<[string, Deviations['containers'], readonly Failure[], string]>([
    ['the new image runs, and a step failed', {}, [ill('watcher')], 'watcher back: it is not healthy'],
    ['a third image runs', {watcher: {imageId: 'sha256:other'}}, [], 'watcher back: it does not run the image that was pulled'],
    ['nothing runs', {watcher: {state: 'exited'}}, [], 'watcher back: it does not run the image that was pulled'],
    ['it has no container', {watcher: null}, [], 'watcher back: it does not run the image that was pulled'],
  ])('goes back when %s', (_, containers, failures, expected) => {
    expect(judged(['watcher'], containers, failures)).toEqual([expected])
  })

  it('takes a gateway back with what lives behind it, when one of those does not get well', () => {
    expect(judged(['gluetun'], {}, [ill('sonarr')])).toEqual(['gluetun back: it is not healthy'])
  })

  it('takes back what lives behind a gateway that does not get well', () => {
    expect(judged(['gluetun', 'sonarr', 'watcher'], {}, [ill('gluetun')])).toEqual([
      'gluetun back: it is not healthy',
      'sonarr back: it is not healthy',
      'watcher done',
    ])
  })

  it('leaves the others when one behind the gateway goes back, and the gateway was not updated', () => {
    expect(judged(['sonarr', 'qbittorrent'], {}, [ill('sonarr')])).toEqual(['sonarr back: it is not healthy', 'qbittorrent done'])
  })

  it('leaves a good gateway when the image of one behind it could not be had', () => {
    expect(judged(['gluetun', 'sonarr'], {sonarr: {imageId: OLD}}, [ill('sonarr')])).toEqual([
      'gluetun done',
      'sonarr kept: it is not healthy',
    ])
  })
})
