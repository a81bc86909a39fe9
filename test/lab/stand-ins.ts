import {execFileSync} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {apiPages} from './app-apis.js'
import {iptables} from './iptables.js'
import {makeImage, makeLayer, type File, type Image, type Layer} from './oci-image.js'

/** What a stand-in has to answer so that its service's own health check, as shipped, can pass. */
type StandIn = {
  readonly ports: readonly number[]
  /** Paths of its web server, beside "/". */
  readonly pages?: Readonly<Record<string, string>>
  readonly job?: boolean
  /** Nanoseconds, where the image brings its own check, as gluetun's does. */
  readonly healthcheck?: {Test: string[]; Interval: number; Timeout: number; Retries: number}
}

const SECOND = 1_000_000_000

/** By service; one that is missing here has a web server without any page but "/". */
const STAND_INS: Readonly<Record<string, StandIn>> = {
  gluetun: {
    ports: [],
    healthcheck: {Test: ['CMD', '/gluetun-entrypoint', 'healthcheck'], Interval: 5 * SECOND, Timeout: 5 * SECOND, Retries: 3},
  },
  // On the port that the stand-in gateway forwards.
  qbittorrent: {
    ports: [8080, 51413],
    pages: {'/api/v2/app/preferences': '{"listen_port":51413,"current_network_interface":"eth0","random_port":false}'},
  },
  sonarr: {ports: [8989], pages: {'/ping': 'OK'}},
  radarr: {ports: [7878], pages: {'/ping': 'OK'}},
  prowlarr: {ports: [9696], pages: {'/ping': 'OK'}},
  bazarr: {ports: [6767], pages: {'/api/system/ping': 'OK'}},
  flaresolverr: {ports: [8191], pages: {'/health': '{"status":"ok"}'}},
  unpackerr: {ports: [5656]},
  recyclarr: {ports: [], job: true},
  'cross-seed': {ports: [2468], pages: {'/api/ping': 'OK'}},
  plex: {ports: [32400], pages: {'/identity': 'OK'}},
  suggestarr: {ports: [5000], pages: {'/api/health/live': 'OK'}},
  kitana: {ports: [31337], pages: {'/favicon.ico': 'OK'}},
  tautulli: {ports: [8181], pages: {'/status': 'OK'}},
  'plex-trakt-sync': {ports: []},
  seerr: {ports: [5055], pages: {'/api/v1/settings/public': 'OK'}},
  maintainerr: {ports: [6246], pages: {'/api/health/ready': 'OK'}},
  filebrowser: {ports: [80], pages: {'/health': 'OK'}},
  autoheal: {ports: []},
  whatsupdocker: {ports: [3000], pages: {'/health': 'OK'}},
  portainer: {ports: [9443]},
  beszel: {ports: [8090], pages: {'/api/health': 'OK'}},
}

export type Version = {
  readonly version: string
  /** `crashes`: some seconds after it began to serve. `needs-setting`: exits unless NEW_SETTING is set. */
  readonly mode?: 'ok' | 'api' | 'never-healthy' | 'exits' | 'crashes' | 'needs-setting' | 'needs-client'
  /** Bytes that nobody can make smaller. */
  readonly ballast?: number
  /** More of its programs. */
  readonly tools?: Layer
  /** Instead of the declared tag. */
  readonly tag?: string
}

export type ImageMaker = (service: string, version: Version) => Promise<Image>

/** @param busybox A statically linked one, for the machine's own architecture. */
export async function imageMaker(busybox: string): Promise<ImageMaker> {
  const [base, firewall] = await Promise.all([baseLayer(busybox), firewallLayer()])
  return async (service, {version, mode = 'ok', ballast = 0, tools}) => {
    const standIn = STAND_INS[service] ?? {ports: []}
    const layer = await makeLayer([
      ...pages(service, version, standIn),
      ...(mode === 'api' ? apiPages(service) : []),
      ...(ballast > 0 ? [{path: 'ballast', content: randomBytes(ballast)}] : []),
    ])
    const env = {
      STANDIN_NAME: service,
      STANDIN_VERSION: version,
      STANDIN_MODE: mode,
      STANDIN_PORTS: standIn.ports.join(' '),
      STANDIN_JOB: standIn.job ? '1' : '',
    }
    const labels = {'org.opencontainers.image.version': version}
    const layers = [base, ...(service === 'gluetun' ? [firewall] : []), ...(tools ? [tools] : []), layer]
    return makeImage(layers, {entrypoint: ['/start'], env, labels, ...(standIn.healthcheck && {healthcheck: standIn.healthcheck})})
  }
}

/** Written by us, whether or not this busybox has them. */
const OWN = new Set(['busybox', 'curl', 'pgrep', 'supercronic'])

/** A shell and its programs, from a statically linked busybox. */
export async function baseLayer(busybox: string): Promise<Layer> {
  const script = async (name: string, at: string): Promise<File> => ({
    path: at,
    content: await readFile(path.join(import.meta.dirname, 'stand-in', `${name}.sh`)),
  })
  const applets = execFileSync(busybox, ['--list'], {encoding: 'utf8'})
    .split('\n')
    .filter((name) => name !== '' && !OWN.has(name))
  return makeLayer([
    {path: 'bin'},
    {path: 'tmp', mode: 0o1777},
    {path: 'bin/busybox', content: await readFile(busybox)},
    ...applets.map((name) => ({path: `bin/${name}`, link: 'busybox'})),
    await script('start', 'start'),
    await script('curl', 'bin/curl'),
    await script('pgrep', 'bin/pgrep'),
    await script('supercronic', 'bin/supercronic'),
    await script('beszel', 'beszel'),
    await script('gluetun-entrypoint', 'gluetun-entrypoint'),
    await script('gluetun-control', 'gluetun-control'),
    await script('app-api', 'app-api'),
    await script('gluetun-tunnel', 'gluetun-tunnel'),
  ])
}

/** This machine's own iptables: Docker cannot be without it. */
async function firewallLayer(): Promise<Layer> {
  const {program, files} = await iptables()
  // By its own name: the program does what it is called.
  return makeLayer([...files, {path: 'bin/iptables', link: program}])
}

function pages(service: string, version: string, {pages: own = {}}: StandIn): File[] {
  const files = Object.entries({'/index.html': `${service} ${version}\n`, ...own})
  const folders = new Set(['www', ...files.flatMap(([file]) => parents(`www${file}`))])
  return [
    ...[...folders].map((folder) => ({path: folder})),
    ...files.map(([file, content]) => ({path: `www${file}`, content, mode: 0o644})),
  ]
}

const parents = (file: string): string[] => {
  const parts = file.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
