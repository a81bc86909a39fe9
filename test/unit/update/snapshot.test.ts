import {describe, expect, it} from 'vitest'
import {companyOf, snapshots} from '../../../src/lib/update/snapshot.js'
import type {Renewal} from '../../../src/lib/stack/snapshot.js'
import {aWorld} from '../../support/unit/observed.js'
import {torrent} from '../../support/unit/stack.js'

const renewal = (references: Record<string, string> = {}, folders: readonly string[] = []): Renewal =>
  ({references: new Map(Object.entries(references)), treatment: () => ({folders, backup: '/backups/1'})}) as unknown as Renewal

describe('what is written down before an update', () => {
  it('is what runs, its reference, its pin, and the digest that is to come', () => {
    const world = aWorld(torrent(), {images: {sonarr: {version: '1.0.0', remote: {digest: 'sha256:new'}}}})
    expect(snapshots(world, ['sonarr'], new Map([['sonarr', 'example.org/sonarr:1']]), renewal())).toEqual([
      {
        service: 'sonarr',
        from: {
          reference: 'example.org/sonarr:1',
          imageId: 'sha256:sonarr-image',
          pin: 'example.org/sonarr:1',
          version: '1.0.0',
          container: 'sonarr-1',
          source: 'example.org/sonarr@sha256:sonarr-digest',
        },
        to: {reference: 'example.org/sonarr:1', pin: 'example.org/sonarr:1', digest: 'sha256:new'},
      },
    ])
  })

  it('has the new reference and its pin, where the tag changes', () => {
    const [found] = snapshots(aWorld(torrent()), ['sonarr'], new Map(), renewal({sonarr: 'example.org/sonarr:2'}))
    expect(found).toMatchObject({
      from: {reference: 'example.org/sonarr:1', pin: undefined},
      to: {reference: 'example.org/sonarr:2', pin: 'example.org/sonarr:2'},
    })
  })

  it('does not take the version of an image for that of another one that runs', () => {
    const world = aWorld(torrent(), {containers: {sonarr: {imageId: 'sha256:before'}}, images: {sonarr: {version: '2.0.0'}}})
    expect(snapshots(world, ['sonarr'], new Map(), renewal())[0]?.from).toMatchObject({imageId: 'sha256:before', version: undefined})
  })

  it('knows where its copies go', () => {
    expect(snapshots(aWorld(torrent()), ['sonarr'], new Map(), renewal({}, ['/srv/sonarr']))[0]).toMatchObject({
      backup: '/backups/1',
      folders: ['/srv/sonarr'],
    })
  })

  it('leaves out what does not run: there is nothing to go back to', () => {
    const world = aWorld(torrent(), {containers: {sonarr: {state: 'exited'}, watcher: null}})
    expect(snapshots(world, ['sonarr', 'watcher'], new Map(), renewal())).toEqual([])
  })
})

describe('who has to come back with a gateway', () => {
  it('is who runs behind it and is not updated itself', () => {
    const world = aWorld(torrent(), {containers: {sonarr: {state: 'exited'}}})
    expect(companyOf(world, ['gluetun'])).toEqual(['qbittorrent'])
    expect(companyOf(world, ['gluetun', 'qbittorrent'])).toEqual([])
    expect(companyOf(world, ['watcher'])).toEqual([])
  })
})
