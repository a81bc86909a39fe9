import path from 'node:path'
import type {DeclaredService} from '../../model/declared.js'
import type {FirstFile} from '../../model/plan.js'
import {repositoryOf} from '../../model/kept.js'
import {crossSeedConfiguration} from './cross-seed.js'
import {qbittorrentConfiguration} from './qbittorrent.js'

/** The configuration that a service has to find at its first start, and why. */
type Known = {readonly file: FirstFile; readonly reason: string}

type Program = {
  /** The last part of its image's repository. */
  readonly image: RegExp
  /** Below `/config`. */
  readonly file: string
  readonly content: (downloads: string) => string
  readonly reason: (downloads: string) => string
}

const PROGRAMS: readonly Program[] = [
  {
    // linuxserver's, or a mirror of it. Others (qbittorrent-nox, hotio's) keep it elsewhere.
    image: /^(?!.*hotio\/).*\/?qbittorrent$/,
    file: 'qBittorrent/qBittorrent.conf',
    content: qbittorrentConfiguration,
    reason: (downloads) => `it has none, and with its image's own it would save to /downloads, inside its container: ${downloads} instead`,
  },
  {
    image: /(^|\/)cross-seed$/,
    file: 'config.js',
    content: crossSeedConfiguration,
    reason: () => 'it has none, and does not accept the one that it writes itself',
  },
]

const CONFIG = '/config'
const MEDIA = '/data'

/** By image and mounts: its settings are at `/config`, and the media at `/data`. undefined: none that we know. Pure. */
export function knownConfiguration(service: DeclaredService): Known | undefined {
  const repository = repositoryOf(service.image ?? '').toLowerCase()
  const program = PROGRAMS.find(({image}) => image.test(repository))
  const within = mountedAt(service, CONFIG)
  const isElsewhere = mountedAt(service, '/downloads') !== undefined
  if (program === undefined || within === undefined || mountedAt(service, MEDIA) === undefined || isElsewhere) return undefined
  const downloads = `${MEDIA}/downloads`
  return {file: {path: path.join(within, program.file), within, content: program.content(downloads)}, reason: program.reason(downloads)}
}

/** The folder of this machine behind a path of the container. */
function mountedAt({binds}: DeclaredService, target: string): string | undefined {
  return binds.find((bind) => bind.target.replace(/(?<=.)\/$/, '') === target)?.source
}

/** Its settings and the media, where it has both. */
export function foldersOf(service: DeclaredService): {readonly settings: string; readonly media: string} | undefined {
  const settings = mountedAt(service, CONFIG)
  const media = mountedAt(service, MEDIA)
  return settings === undefined || media === undefined ? undefined : {settings, media}
}
