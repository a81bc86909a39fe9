import path from 'node:path'
import {repositoryOf} from '../model/image.js'
import type {FirstFile} from '../model/plan.js'
import type {DeclaredService} from '../model/stack.js'

/**
 * As linuxserver's image has it (docker-qbittorrent, root/defaults/qBittorrent.conf), which it copies only where there is
 * none; but saving below the media folder, so that Sonarr's and Radarr's imports are hardlinks. `LocalHostAuth=false`: from
 * the gateway's network, "localhost", the forwarded port can be set without a password.
 */
const qbittorrentConfiguration = (downloads: string): string => `[AutoRun]
enabled=false
program=

[BitTorrent]
Session\\DefaultSavePath=${downloads}
Session\\TempPath=${downloads}/incomplete

[LegalNotice]
Accepted=true

[Preferences]
Connection\\UPnP=false
Connection\\PortRangeMin=6881
Downloads\\SavePath=${downloads}/
Downloads\\TempPath=${downloads}/incomplete/
WebUI\\Address=*
WebUI\\LocalHostAuth=false
WebUI\\ServerDomains=*
`

const TEMPLATE = `// Every option is explained at https://www.cross-seed.org/docs/basics/options
module.exports = {
  // Your indexers, from Prowlarr, one string each: "http://127.0.0.1:9696/1/api?apikey=..."
  torznab: [],
  sonarr: [],
  radarr: [],
  host: "0.0.0.0",
  port: 2468,
  notificationWebhookUrls: [],
  // qBittorrent is in the same network namespace, and asks nobody in there for a password.
  torrentClients: ["qbittorrent:http://127.0.0.1:8080"],
  useClientTorrents: true,
  delay: 30,
  dataDirs: [],
  linkCategory: "cross-seed-link",
  // On the file system of the downloads: no hardlink leads to another one.
  linkDirs: ["DOWNLOADS/cross-seed"],
  linkType: "hardlink",
  flatLinking: false,
  matchMode: "flexible",
  skipRecheck: true,
  autoResumeMaxDownload: 52428800,
  ignoreNonRelevantFilesToResume: false,
  maxDataDepth: 2,
  torrentDir: null,
  outputDir: null,
  includeSingleEpisodes: false,
  includeNonVideos: false,
  seasonFromEpisodes: 1,
  fuzzySizeThreshold: 0.02,
  excludeOlder: "2 weeks",
  excludeRecentSearch: "3 days",
  action: "inject",
  duplicateCategories: false,
  rssCadence: "30 minutes",
  searchCadence: "1 day",
  snatchTimeout: "30 seconds",
  searchTimeout: "2 minutes",
  searchLimit: 400,
  blockList: [],
};
`

/**
 * The options of cross-seed's own template (6.13.7, src/config.template.cjs), with a client and a folder for links: without
 * those two it refuses to start.
 */
const crossSeedConfiguration = (downloads: string): string => TEMPLATE.replace('DOWNLOADS', downloads)

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
