import {describe, expect, it} from 'vitest'
import type {Snapshot} from '../../../src/lib/model/update.js'
import {planRollback} from '../../../src/lib/update/plan-rollback.js'
import {aWorld, type Deviations} from '../../support/unit/observed.js'
import {anIntent, stageLines} from '../../support/unit/plan-lines.js'
import {torrent} from '../../support/unit/stack.js'

const snapshot = (service: string, more: Partial<Snapshot> = {}): Snapshot => ({
  service,
  from: {reference: `example.org/${service}:1`, imageId: 'sha256:old'},
  to: {reference: `example.org/${service}:1`},
  ...more,
})
const plan = (snapshots: readonly Snapshot[], deviations: Deviations = {}, company: readonly string[] = []) =>
  planRollback(aWorld(torrent(), deviations), {snapshots, company}, anIntent())

describe('the way back', () => {
  it('is the name of the image first, then a new container, and its health', () => {
    expect(stageLines(plan([snapshot('watcher')]))).toEqual(['tag watcher', 'recreate watcher', 'wait watcher'])
  })

  it('takes the pin back as well', () => {
    const pinned = snapshot('watcher', {to: {reference: 'example.org/watcher:2', pin: 'example.org/watcher:2'}})
    const [first = []] = plan([pinned], {images: {watcher: {id: 'sha256:old'}}}).stages
    expect(first).toMatchObject([{action: 'pin', target: 'watcher', reference: ''}])
  })

  it('puts the configuration back while nobody writes in it', () => {
    const copied = snapshot('watcher', {backup: '/backups/1', folders: ['/srv/watcher']})
    const found = plan([copied])
    expect(stageLines(found)).toEqual(['tag watcher', 'stop watcher', 'restore watcher', 'recreate watcher', 'wait watcher'])
    expect(found.notes).toEqual([])
  })

  it('does not touch the configuration while the old container is there: the new version has not run', () => {
    const from = {reference: 'example.org/watcher:1', imageId: 'sha256:old', container: 'watcher-1'}
    const copied = snapshot('watcher', {from, backup: '/backups/1', folders: ['/srv/watcher']})
    const old = {imageId: 'sha256:old', state: 'exited' as const}
    const images = {watcher: {id: 'sha256:old'}}
    expect(stageLines(plan([copied], {containers: {watcher: old}, images}))).toEqual(['start watcher', 'wait watcher'])
    // Of the old image again: it was made after the configuration had been put back.
    const another = {containers: {watcher: {...old, id: 'another'}}, images}
    expect(stageLines(plan([copied], another))).toEqual(['start watcher', 'wait watcher'])
  })

  it('says so when there is no copy', () => {
    expect(plan([snapshot('watcher')]).notes).toEqual([expect.stringContaining('goes back without a copy of its configuration')])
  })

  it('does not touch the configuration of one that runs the old image already', () => {
    const copied = snapshot('watcher', {backup: '/backups/1', folders: ['/srv/watcher']})
    const there = {containers: {watcher: {imageId: 'sha256:old'}}, images: {watcher: {id: 'sha256:old'}}}
    expect(plan([copied], there)).toMatchObject({stages: [], notes: []})
  })

  it('pulls by its digest what is not on this machine any more, before anything else', () => {
    const lost = (source?: string) =>
      planRollback(
        aWorld(torrent()),
        {snapshots: [snapshot('watcher', {from: {...snapshot('watcher').from, source}})], company: [], lost: new Set(['watcher'])},
        anIntent(),
      ).stages[0]
    expect(lost('example.org/watcher@sha256:digest')).toMatchObject([{action: 'recover', image: 'example.org/watcher@sha256:digest'}])
    expect(lost()).toMatchObject([{action: 'recover', image: 'example.org/watcher@sha256:old'}])
  })

  it('never puts a copy back over what only the old version has written', () => {
    const copied = snapshot('watcher', {backup: '/backups/1', folders: ['/srv/watcher']})
    const stopped = {containers: {watcher: {imageId: 'sha256:old', state: 'exited' as const}}, images: {watcher: {id: 'sha256:old'}}}
    expect(stageLines(plan([copied], stopped))).toEqual(['start watcher', 'wait watcher'])
  })

  it('starts again what was stopped for a copy, and never got its new image', () => {
    const stopped = {containers: {watcher: {imageId: 'sha256:old', state: 'exited' as const}}, images: {watcher: {id: 'sha256:old'}}}
    expect(stageLines(plan([snapshot('watcher')], stopped))).toEqual(['start watcher', 'wait watcher'])
  })

  it('takes a gateway back with all who live behind it, also those that its failure left stopped', () => {
    const found = plan([snapshot('gluetun')], {containers: {sonarr: {state: 'exited'}}}, ['qbittorrent', 'sonarr'])
    expect(stageLines(found)).toEqual([
      'tag gluetun',
      'stop qbittorrent',
      'recreate gluetun',
      'wait gluetun',
      'recreate qbittorrent',
      'recreate sonarr',
      'wait sonarr, wait qbittorrent',
    ])
  })

  it('leaves stopped behind the gateway what was stopped before', () => {
    const found = stageLines(plan([snapshot('gluetun')], {containers: {sonarr: {state: 'exited'}}}, ['qbittorrent'])).join()
    expect(found).not.toContain('sonarr')
  })
})
