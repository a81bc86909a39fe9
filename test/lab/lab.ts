import {randomBytes} from 'node:crypto'
import {chmod, cp, mkdir, mkdtemp, readFile, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {execa, type Result} from 'execa'
import {parse} from 'yaml'
import {withoutServices} from './fewer-services.js'
import {freePorts} from './free-ports.js'
import {freeSubnet} from './free-subnet.js'
import {overrideOf} from './override.js'
import {recordOwner} from './owners.js'
import type {Registry} from './registry.js'
import type {ImageMaker, Version} from './stand-ins.js'
import {removeLab, type Engine} from './remove-lab.js'
import {timed} from './time-spent.js'

/** A miniature homelab: the project's own Compose files, with a prefix, a network, ports and folders of its own. */
export type Lab = {
  readonly id: string
  readonly home: string
  readonly ports: Readonly<Record<string, number>>
  /** `homelab …`, the built program, as its user would type it. */
  homelab(args: readonly string[], env?: Record<string, string>): Promise<Result>
  /** `docker …`, on the engine of this lab; what it printed. */
  docker(...args: readonly string[]): Promise<string>
  /** The environment in which `homelab` finds this lab. */
  readonly env: Record<string, string>
  /** Who of the torrent stack sits behind gluetun. */
  readonly dependents: readonly string[]
  /** Container name of a service. */
  container(stack: string, service: string): string
  /** Makes a new image and moves a tag of the service's to it: the declared one, unless another is named. */
  push(service: string, version: Version): Promise<void>
  destroy(): Promise<void>
}

export type LabParts = {
  readonly root: string
  readonly registry: Registry
  readonly makeImage: ImageMaker
  /** Another engine than this machine's: its DOCKER_HOST. */
  readonly dockerHost?: string
  /** Who of the torrent stack sits behind gluetun; all, if nothing is said. Each costs half a second of a processor at a cascade. */
  readonly dependents?: readonly string[] | undefined
}

const STACKS = ['torrent', 'plex', 'services'] as const

/** The variables of .env.example that name a port, in its own words. */
const portNames = (example: string): string[] => [...example.matchAll(/^#?(\w+_PORT)=\d+/gm)].map((match) => match[1] ?? '')

export const createLab = (parts: LabParts): Promise<Lab> => timed('lab', () => makeLab(parts))

async function makeLab({root, registry, makeImage, dockerHost, dependents}: LabParts): Promise<Lab> {
  const id = `hl${randomBytes(3).toString('hex')}`
  const home = await mkdtemp(path.join(tmpdir(), 'homelab-lab-'))
  await recordOwner(home)
  const compose = path.join(home, 'compose')
  await cp(path.join(root, 'compose'), compose, {
    recursive: true,
    filter: (file) => !/(^|\/)\.env$|override\.ya?ml$|pins\.ya?ml$/.test(file),
  })
  if (dependents !== undefined) await keepOnly(['gluetun', ...dependents], path.join(compose, 'torrent.yml'))
  const texts = await Promise.all(STACKS.map((stack) => readFile(path.join(compose, `${stack}.yml`), 'utf8')))
  const names = portNames(await readFile(path.join(compose, '.env.example'), 'utf8'))
  const numbers = await freePorts(names.length + 1)
  const ports = Object.fromEntries([...names, 'PLEX_PORT'].map((name, index) => [name, numbers[index] ?? 0]))
  const engine: Engine = dockerHost === undefined ? {} : {DOCKER_HOST: dockerHost}
  await writeEnv(home, id, ports, await freeSubnet(engine))
  const image = (service: string, tag: string): string => `${registry.host}/${id}/${service}:${tag}`
  const options = {label: id, image, hostPort: ports.PLEX_PORT ?? 0}
  await Promise.all(
    STACKS.map((stack, index) => writeFile(path.join(compose, `${stack}.override.yml`), overrideOf(texts[index] ?? '', options))),
  )
  const tags = new Map(texts.flatMap((text) => servicesOf(text)))
  const push = async (service: string, version: Version): Promise<void> =>
    registry.push(`${id}/${service}`, version.tag ?? tags.get(service) ?? 'latest', await makeImage(service, version))
  await Promise.all([...tags.keys()].map((service) => push(service, {version: '1.0.0'})))
  const env = {HOMELAB_HOME: home, HOMELAB_STATE: path.join(home, 'state'), ...engine}
  const homelab = (args: readonly string[], more: Record<string, string> = {}): Promise<Result> =>
    timed('homelab', async () => execa(path.join(root, '.lab/bin/homelab'), [...args], {env: {...env, ...more}, reject: false, all: true}))
  return {
    id,
    home,
    ports,
    env,
    homelab,
    push,
    dependents: servicesOf(texts[0] ?? '').flatMap(([name]) => (name === 'gluetun' ? [] : [name])),
    docker: (...args) => timed('docker', async () => (await execa('docker', args, {env: engine})).stdout),
    container: (stack, service) => `${id}-${stack}-${service}-1`,
    destroy: () => timed('lab', () => removeLab(id, home, engine)),
  }
}

async function keepOnly(services: readonly string[], file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const others = servicesOf(text).flatMap(([name]) => (services.includes(name) ? [] : [name]))
  await writeFile(file, withoutServices(text, new Set(others)))
}

function servicesOf(text: string): [string, string][] {
  const {services} = parse(text, {merge: true}) as {services: Record<string, {image: string}>}
  return Object.entries(services).map(([name, {image}]) => [name, image.split(':').at(-1) ?? 'latest'])
}

/** The address that Docker gives this machine in a network. */
const firstOf = (subnet: string): string => subnet.replace(/\d+\/\d+$/, '1')

async function writeEnv(home: string, id: string, ports: Readonly<Record<string, number>>, subnet: string): Promise<void> {
  const media = path.join(home, 'media')
  const configs = path.join(home, 'configs')
  await Promise.all([mkdir(media), mkdir(configs)])
  const variables = {
    HOMELAB_PREFIX: id,
    MEDIA_NETWORK: `${id}_media_network`,
    MEDIA_SUBNET: subnet,
    BIND_ADDRESS: '127.0.0.1',
    WUD_WEBHOOK_HOST: firstOf(subnet),
    MEDIA_DIR: media,
    CONFIG_DIR: configs,
    PUID: String(process.getuid?.() ?? 1000),
    PGID: String(process.getgid?.() ?? 1000),
    TZ: 'Etc/UTC',
    WIREGUARD_PRIVATE_KEY: randomBytes(32).toString('base64'),
    GLUETUN_API_KEY: randomBytes(16).toString('hex'),
    WUD_WEBHOOK_TOKEN: randomBytes(16).toString('hex'),
    NTFY_TOPIC: `lab-${id}`,
    NTFY_TOKEN: '',
    ...ports,
  }
  const file = path.join(home, 'compose', '.env')
  await writeFile(
    file,
    `${Object.entries(variables)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n')}\n`,
  )
  await chmod(file, 0o600)
}
