import {mkdir} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {copiedFolders} from '../../../src/lib/backup/copied-folders.js'
import type {VolumePlace} from '../../../src/lib/docker/engine.js'
import type {DeclaredService} from '../../../src/lib/model/stack.js'
import {torrent} from '../../support/unit/stack.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const service = (more: Partial<DeclaredService>): DeclaredService => ({...torrent().services.get('sonarr')!, binds: [], ...more})
const engineWith = (place: VolumePlace | undefined) => ({volume: () => Promise.resolve(place)})
const mounted = service({volumes: [{name: 'media_sonarr', target: '/config/'}]})

describe('what of a service is copied', () => {
  it('is the folder that it has mounted at the path', async () => {
    const binds = [
      {source: '/srv/sonarr', target: '/config/'},
      {source: '/srv/media', target: '/data'},
    ]
    const found = await copiedFolders(service({binds}), ['/config'], {engine: engineWith(undefined), isRoot: false})
    expect(found).toEqual({folders: ['/srv/sonarr'], notCopied: []})
  })

  it('is the folder of a volume of the local driver, for root', async () => {
    const folder = path.join(await tempFolder(), '_data')
    await mkdir(folder)
    expect(await copiedFolders(mounted, ['/config'], {engine: engineWith({folder}), isRoot: true})).toEqual({
      folders: [folder],
      notCopied: [],
    })
  })

  it.each<[string, VolumePlace | undefined, boolean, RegExp]>([
    ['we are not root', {folder: '/'}, false, /^the volume media_sonarr at \/config\/ of sonarr: only root may read it/],
    ['its driver is another one', {unreachable: 'its driver is nfs'}, true, /its driver is nfs/],
    ['its folder is on another machine', {folder: '/nowhere/_data'}, true, /ENOENT/],
    ['there is none yet', undefined, true, /no such volume yet/],
  ])('is not a volume, and that is said, if %s', async (_, place, isRoot, words) => {
    const {folders, notCopied} = await copiedFolders(mounted, ['/config'], {engine: engineWith(place), isRoot})
    expect(folders).toEqual([])
    expect(notCopied).toEqual([expect.stringMatching(words)])
  })

  it('is nothing, and that is said, if nothing is mounted there', async () => {
    const found = await copiedFolders(service({}), ['/config'], {engine: engineWith(undefined), isRoot: true})
    expect(found).toEqual({folders: [], notCopied: ['no folder or volume is mounted at /config of sonarr']})
  })
})
