import {describe, expect, it} from 'vitest'
import type {Place, World} from '../../../src/lib/stack/snapshot.js'
import {stepsOf} from '../../../src/lib/model/plan.js'
import {planUp} from '../../../src/lib/stack/plan-up.js'
import {firstStartPaths} from '../../../src/lib/stack/plan-first-start.js'
import {aWorld, type Deviations} from '../../support/unit/observed.js'
import {anIntent, planLines} from '../../support/unit/plan-lines.js'
import {aStack, type ServiceWords} from '../../support/unit/stack.js'

const OWNER = {uid: 1000, gid: 1001}
const config = (name: string) => ({source: `/configs/${name}`, target: '/config'})
const MEDIA = {source: '/mnt/media', target: '/data'}
const QBITTORRENT: ServiceWords = {
  image: 'lscr.io/linuxserver/qbittorrent:latest',
  owner: OWNER,
  binds: [config('qbittorrent'), MEDIA],
}
const LIBRARY = ['downloads', 'movies']

/** Nothing is there, but for what a test says. */
function nothingBut(services: Record<string, ServiceWords>, there: Record<string, Place> = {}, deviations?: Deviations): World {
  const stack = aStack(services)
  const paths = firstStartPaths([...stack.services.values()], LIBRARY)
  const places = new Map(paths.map((path): [string, Place] => [path, there[path] ?? 'missing']))
  return {...aWorld(stack, {nothing: true, ...deviations}), host: {places}}
}
const prepared = (world: World): string[] =>
  planLines(planUp(world, anIntent({library: LIBRARY}))).filter((line) => /create-folder|configure/.test(line))
const configured = (world: World): string[] => prepared(world).flatMap((line) => /configure (\S+):/.exec(line)?.[1] ?? [])

describe('a first start', () => {
  it('gives qBittorrent a configuration that saves below the media folder, and makes downloads and library, before it is created', () => {
    const plan = planUp(nothingBut({qbittorrent: QBITTORRENT}), anIntent({library: LIBRARY}))
    expect(planLines(plan)).toEqual([
      '1 create-folder /mnt/media: downloads and library have to be there, and their owner has to be PUID',
      '1 create-folder /mnt/media/downloads: downloads and library have to be there, and their owner has to be PUID',
      '1 create-folder /mnt/media/movies: downloads and library have to be there, and their owner has to be PUID',
      "1 configure qbittorrent: it has none, and with its image's own it would save to /downloads, inside its container: /data/downloads instead",
      '2 create qbittorrent: it has no container yet',
      '3 wait qbittorrent: a start is only done when it is healthy',
    ])
    const step = stepsOf(plan).find(({action}) => action === 'configure')
    expect(step).toMatchObject({owner: OWNER, file: {path: '/configs/qbittorrent/qBittorrent/qBittorrent.conf'}})
    expect(step?.file?.content).toMatch(/^\[BitTorrent\]\nSession\\DefaultSavePath=\/data\/downloads$/m)
    expect(step?.file?.content).toMatch(/^WebUI\\LocalHostAuth=false$/m)
  })

  it.each<[string, Place]>([
    ['there', 'there'],
    ['perhaps there', 'unknown'],
  ])('leaves a configuration alone that is %s', (_, place) => {
    expect(configured(nothingBut({qbittorrent: QBITTORRENT}, {'/configs/qbittorrent/qBittorrent/qBittorrent.conf': place}))).toEqual([])
  })

  it('is none for a service that has a container', () => {
    expect(prepared(nothingBut({qbittorrent: QBITTORRENT}, {}, {nothing: false}))).toEqual([])
  })

  it.each([
    'ghcr.io/linuxserver/qbittorrent',
    'linuxserver/qbittorrent:5.1.4',
    'registry.lan:5000/mirror/qbittorrent@sha256:0123',
    'qbittorrent',
  ])('finds qBittorrent by its image: %s', (image) => {
    expect(configured(nothingBut({torrents: {...QBITTORRENT, image}}))).toEqual(['torrents'])
  })

  it.each(['ghcr.io/hotio/qbittorrent', 'qbittorrentofficial/qbittorrent-nox', 'binhex/arch-qbittorrentvpn', 'lscr.io/linuxserver/sonarr'])(
    'writes nothing for an image that keeps its configuration elsewhere: %s',
    (image) => {
      expect(configured(nothingBut({qbittorrent: {...QBITTORRENT, image}}))).toEqual([])
    },
  )

  it.each([
    ['/downloads mounted', [config('qbittorrent'), MEDIA, {source: '/mnt/media/downloads', target: '/downloads'}]],
    ['no media at /data', [config('qbittorrent'), {source: '/mnt/media', target: '/media'}]],
    ['no /config of this machine', [MEDIA]],
  ])('writes nothing where the mounts are others: %s', (_, binds) => {
    expect(configured(nothingBut({qbittorrent: {...QBITTORRENT, binds}}))).toEqual([])
  })

  it('gives cross-seed one that names a client and a folder for links', () => {
    const crossSeed = {image: 'ghcr.io/cross-seed/cross-seed:6', user: '1000:1001', owner: OWNER, binds: [config('cross-seed'), MEDIA]}
    const plan = planUp(nothingBut({'cross-seed': crossSeed}, {'/mnt/media': 'there'}), anIntent())
    const step = stepsOf(plan).find(({action}) => action === 'configure')
    expect(step?.file?.path).toBe('/configs/cross-seed/config.js')
    expect(step?.file?.content).toContain('torrentClients: ["qbittorrent:http://127.0.0.1:8080"]')
    expect(step?.file?.content).toContain('linkDirs: ["/data/downloads/cross-seed"]')
  })

  it('makes the folders of services that Docker starts as a plain user, and of no others', () => {
    const seerr = {user: '1000:1001', owner: OWNER, binds: [{source: '/configs/seerr', target: '/app/config'}]}
    const plex = {owner: OWNER, binds: [config('plex')]}
    expect(prepared(nothingBut({seerr, plex}))).toEqual(['1 create-folder /configs/seerr: seerr runs as 1000:1001, and cannot make it'])
  })

  it('makes no library for a service that ran before: its disk may not be mounted, and an empty library looks like a lost one', () => {
    const there: Record<string, Place> = {
      '/configs/qbittorrent': 'there',
      '/configs/qbittorrent/qBittorrent/qBittorrent.conf': 'there',
    }
    expect(prepared(nothingBut({qbittorrent: QBITTORRENT}, there))).toEqual([])
  })

  it('is told of, and not prepared, where Docker runs on another machine', () => {
    const stack = aStack({qbittorrent: QBITTORRENT, watcher: {}})
    const plan = planUp({...aWorld(stack, {nothing: true}), host: {elsewhere: 'nas'}}, anIntent({library: LIBRARY}))
    expect(stepsOf(plan).map(({action}) => action)).not.toContain('configure')
    expect(plan.notes).toEqual(['Docker runs on nas: no first configuration of qbittorrent is written there. Run homelab on it, as by ssh'])
  })
})
