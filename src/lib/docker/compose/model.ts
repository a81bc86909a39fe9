import {readFile} from 'node:fs/promises'
import {pickSettings} from '../../model/gateway-settings.js'
import type {DeclaredService, DeclaredStack, Dependency, SharedNetwork, StackFiles} from '../../model/stack.js'
import {configurationError} from '../../util/errors.js'
import type {SecretsModel} from '../redact.js'

/** The parts that we read of `docker compose config --format json`. The rest holds secrets and stays in here. */
export type ComposeModel = SecretsModel & {
  name: string
  services?: Record<string, ComposeService>
  networks?: Record<string, {name?: string; external?: boolean} | null>
  volumes?: Record<string, {name?: string} | null>
  'x-homelab'?: {networks?: Record<string, {subnet?: string}>}
}

type ComposeService = {
  image?: string
  container_name?: string
  build?: unknown
  network_mode?: string
  profiles?: string[]
  restart?: string
  scale?: number
  deploy?: {replicas?: number}
  pid?: string
  ipc?: string
  volumes_from?: string[]
  links?: string[]
  depends_on?: Record<string, {condition: Dependency['condition']}>
  networks?: Record<string, unknown> | null
  labels?: Record<string, string>
  environment?: Record<string, string | null>
  user?: string
  stop_grace_period?: string
  ports?: {published?: string; host_ip?: string; protocol?: string}[]
  volumes?: {type?: string; source?: string; target?: string}[]
}

/** The model without services that are not among these. */
export const onlyServices = (model: ComposeModel, names: ReadonlySet<string>): ComposeModel => ({
  ...model,
  services: Object.fromEntries(Object.entries(model.services ?? {}).filter(([name]) => names.has(name))),
})

/** @throws OperatorError (78) if a stack has no service. */
export function toDeclared(files: StackFiles, model: ComposeModel, profiles: ReadonlySet<string>): DeclaredStack {
  const services = Object.entries(model.services ?? {})
  if (services.length === 0) throw configurationError(`The stack ${files.name} declares no service.`, [`Look at ${files.files.join(', ')}`])
  const scaled = services.find(([, {scale, deploy}]) => Math.max(scale ?? 1, deploy?.replicas ?? 1) > 1)
  if (scaled !== undefined) {
    throw configurationError(`The service ${scaled[0]} of ${files.name} asks for several containers; homelab runs one a service.`, [
      'Take out "scale:" and "deploy: replicas:", or declare a service for each',
    ])
  }
  return {
    ...files,
    project: model.name,
    services: new Map(services.map(([name, service]) => [name, toService(name, service, model, profiles)])),
    sharedNetworks: sharedNetworks(model),
    ownNetworks: Object.entries(model.networks ?? {}).flatMap(([key, network]) =>
      network?.external === true ? [] : [network?.name ?? `${model.name}_${key}`],
    ),
  }
}

function toService(name: string, service: ComposeService, model: ComposeModel, profiles: ReadonlySet<string>): DeclaredService {
  const ownProfiles = service.profiles ?? []
  return {
    name,
    image: service.image,
    built: service.build !== undefined,
    containerName: service.container_name,
    gateway: gatewayIn(model, service),
    dependsOn: Object.entries(service.depends_on ?? {}).map(([required, {condition}]) => ({service: required, condition})),
    active: ownProfiles.length === 0 || ownProfiles.some((profile) => profiles.has(profile) || profiles.has('*')),
    restarts: service.restart !== undefined && service.restart !== 'no',
    networks: Object.keys(service.networks ?? {}).flatMap((key) => {
      const network = model.networks?.[key]
      return network?.external === true ? [network.name ?? key] : []
    }),
    labels: new Map(Object.entries(service.labels ?? {}).filter(([label]) => label.startsWith('homelab.'))),
    settings: pickSettings(service.environment ?? {}),
    published: publishedBy(service),
    ...(service.user !== undefined && {user: service.user}),
    ...stopGraceOf(service),
    ...ownerOf(service),
    binds: (service.volumes ?? []).flatMap(({type, source, target}) =>
      type === 'bind' && source !== undefined && target !== undefined ? [{source, target}] : [],
    ),
    ...volumesOf(service, model),
  }
}

const UNITS: Readonly<Record<string, number>> = {h: 3600, m: 60, s: 1, ms: 0.001, us: 0.000001, ns: 0}

/** "1m30s", as Compose writes a duration. */
export const secondsOf = (text: string): number =>
  [...text.matchAll(/([\d.]+)(h|ms|us|ns|m|s)/g)].reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0)

/** Root makes its own folders, so one that runs as root has no owner to speak of. */
function ownerOf({user, environment = {}}: ComposeService): Pick<DeclaredService, 'owner'> {
  const [uid, gid = uid] = user === undefined ? [environment.PUID, environment.PGID] : user.split(':')
  const owner = {uid: numberIn(uid), gid: numberIn(gid)}
  return owner.uid > 0 && owner.gid >= 0 ? {owner} : {}
}

const numberIn = (text: string | null | undefined): number => (/^\d+$/.test(text ?? '') ? Number(text) : -1)

const stopGraceOf = ({stop_grace_period: text}: ComposeService): Pick<DeclaredService, 'stopGrace'> =>
  text === undefined ? {} : {stopGrace: secondsOf(text)}

/** Of an anonymous one nobody knows the name before its container is made. */
function volumesOf({volumes = []}: ComposeService, model: ComposeModel): Pick<DeclaredService, 'volumes'> {
  const found = volumes.flatMap(({type, source, target}) =>
    type === 'volume' && source !== undefined && target !== undefined ? [{name: model.volumes?.[source]?.name ?? source, target}] : [],
  )
  return found.length === 0 ? {} : {volumes: found}
}

/** A range of ports is not ours to guess at. */
const publishedBy = ({ports = []}: ComposeService): {address: string; port: number}[] =>
  ports.flatMap(({published = '', host_ip = '0.0.0.0', protocol}) =>
    /^\d+$/.test(published) && protocol !== 'udp' ? [{address: host_ip, port: Number(published)}] : [],
  )

const gatewayOf = (service: ComposeService): string | undefined =>
  service.network_mode?.startsWith('service:') === true ? service.network_mode.slice('service:'.length) : undefined

const gatewayIn = (model: ComposeModel, service: ComposeService): string | undefined =>
  gatewayOf(service) ?? gatewayByContainer(service, model)

/**
 * `container:<name>` of a container that Compose makes for a service of the same model. Docker turns the name into the
 * container's id when it creates the dependent (measured, 26.1), so that this one, too, is lost with its gateway's container.
 */
function gatewayByContainer({network_mode: mode}: ComposeService, {name: project, services = {}}: ComposeModel): string | undefined {
  if (mode?.startsWith('container:') !== true) return undefined
  const target = mode.slice('container:'.length)
  return Object.entries(services).find(([name, {container_name: own}]) => (own ?? `${project}-${name}-1`) === target)?.[0]
}

/** Compose drops extensions of external networks, so the subnet stands in a top-level one, by the network's key. */
function sharedNetworks(model: ComposeModel): SharedNetwork[] {
  return Object.entries(model.networks ?? {}).flatMap(([key, network]) =>
    network?.external === true ? [{name: network.name ?? key, subnet: model['x-homelab']?.networks?.[key]?.subnet}] : [],
  )
}

/**
 * The model as Compose sees it when it creates containers: dependents name their gateway's present container. Hashing
 * this gives the label `com.docker.compose.config-hash` that a container created now would carry (Compose ≥ 2.22,
 * measured on 2.26: the hash of a dependent includes the resolved id).
 */
export function withGatewayIds(model: ComposeModel, containerIds: ReadonlyMap<string, string>): ComposeModel {
  return mapServices(model, (service) => {
    const gateway = gatewayOf(service)
    const id = gateway === undefined ? undefined : containerIds.get(gateway)
    return id === undefined ? service : {...service, network_mode: `container:${id}`}
  })
}

/**
 * As `up --no-deps` sees it: dependencies that are not named with the service are gone, and some versions of Compose
 * (2.26, measured) hash them. A container created either way is what was declared.
 */
export const withoutDependencies = (model: ComposeModel): ComposeModel => mapServices(model, ({depends_on: _, ...service}) => service)

function mapServices(model: ComposeModel, change: (service: ComposeService) => ComposeService): ComposeModel {
  const services = Object.entries(model.services ?? {}).map(([name, service]) => [name, change(service)] as const)
  return {...model, services: Object.fromEntries(services)}
}

/** Compose hashes what these refer to in its resolved form, too, which we do not know: they would look changed for ever. */
export const isComparable = (service: ComposeService | undefined): boolean =>
  service?.links === undefined &&
  service?.volumes_from === undefined &&
  ![service?.pid, service?.ipc].some((mode) => mode?.startsWith('service:') === true)

/** "<service> <hash>" a line. */
export function parseHashes(text: string): Map<string, string> {
  const pairs = text.split('\n').map((line) => line.trim().split(/\s+/))
  return new Map(pairs.flatMap(([name, hash]) => (name && hash ? [[name, hash] as const] : [])))
}

/**
 * The project of a stack whose files have no `name:`; undefined if one has. Compose would call it after the folder, so
 * that two such stacks were one project and replaced each other's containers.
 */
export async function projectWithoutName({name, files}: StackFiles, prefix: string): Promise<string | undefined> {
  // A file that cannot be read is Compose's to complain about.
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => 'name:')))
  return texts.some((text) => /^["']?name["']?\s*:/m.test(text)) ? undefined : `${prefix}-${name}`
}
