import type Docker from 'dockerode'
import type {ContainerInfo, ContainerInspectInfo} from 'dockerode'
import {pickSettings, type Settings} from '../../model/gateway-settings.js'
import type {ContainerState, Health, ObservedContainer} from '../../model/observed.js'
import {orBriefly} from './brief-look.js'
import {composeFiles} from './compose-labels.js'
import {isNotFound} from './errors.js'
import {networkNamespace} from './namespace.js'

const LABEL = 'com.docker.compose'

/**
 * The containers of a Compose project, by service; one-off ones (`compose run`) are nobody's business.
 * @param hasty Services that are not waited for while Docker starts them: what its list says is enough.
 */
export async function observeContainers(
  docker: Docker,
  project: string,
  hasty: ReadonlySet<string>,
  abortSignal: AbortSignal,
): Promise<{containers: Map<string, ObservedContainer>; unreadable: Map<string, string>}> {
  const filters = {label: [`${LABEL}.project=${project}`, `${LABEL}.oneoff=False`]}
  const listed = await docker.listContainers({all: true, filters, abortSignal})
  const isHasty = ({Labels}: ContainerInfo): boolean => hasty.size > 0 && hasty.has(Labels[`${LABEL}.service`] ?? '')
  const looking = listed.map((one) => ({one, look: inspectContainer(docker, one.Id, abortSignal)}))
  const others = Promise.allSettled(looking.flatMap(({one, look}) => (isHasty(one) ? [] : [look])))
  const looks = await Promise.allSettled(looking.map(({one, look}) => (isHasty(one) ? orBriefly(look, one, others) : look)))
  abortSignal.throwIfAborted()
  const unreadable = looks.flatMap((look, index): [string, string][] =>
    look.status === 'rejected' ? [[listed[index]?.Labels[`${LABEL}.service`] ?? '', (look.reason as Error).message]] : [],
  )
  const seen = looks.flatMap((look) => (look.status === 'fulfilled' && look.value !== undefined ? [withNamespace(look.value)] : []))
  return {containers: byService(seen), unreadable: new Map(unreadable)}
}

/**
 * The same, begun before the project's name is known: looks at the containers that were made from `file`, then, once
 * `project` tells the name, at whatever of that project was missed, and leaves out what is of another.
 */
export async function observeAhead(
  docker: Docker,
  file: string,
  project: Promise<string>,
  abortSignal: AbortSignal,
): Promise<Map<string, ObservedContainer>> {
  const filters = {label: [`${LABEL}.project`, `${LABEL}.oneoff=False`]}
  const listed = await docker.listContainers({all: true, filters, abortSignal})
  const guessed = listed.filter(({Labels}) => composeFiles(Labels).includes(file))
  const ahead = new Map(guessed.map(({Id}) => [Id, inspectContainer(docker, Id, abortSignal)]))
  for (const look of ahead.values()) look.catch(() => undefined) // told by who asks for it, if anybody does
  const name = await project
  const own = listed.filter(({Labels}) => Labels[`${LABEL}.project`] === name)
  const seen = await Promise.all(own.map(({Id}) => ahead.get(Id) ?? inspectContainer(docker, Id, abortSignal)))
  return byService(seen.map((container) => container && withNamespace(container)))
}

/** A recreation that was interrupted leaves a second, older container: the newest start is the service's. */
function byService(inspected: readonly (ObservedContainer | undefined)[]): Map<string, ObservedContainer> {
  const present = inspected.filter((container) => container !== undefined)
  return new Map(present.toSorted((a, b) => a.startedAt - b.startedAt).map((container) => [container.service, container]))
}

/** With the proof of where it lives, if there is one to be had. */
export function withNamespace(container: ObservedContainer): ObservedContainer {
  const namespace = networkNamespace(container.pid, container.id)
  return namespace === undefined ? container : {...container, namespace}
}

/** undefined: it went away meanwhile. */
export async function inspectContainer(docker: Docker, id: string, abortSignal: AbortSignal): Promise<ObservedContainer | undefined> {
  try {
    return toObserved(await docker.getContainer(id).inspect({abortSignal}))
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

export function toObserved(info: ContainerInspectInfo): ObservedContainer {
  const labels = info.Config.Labels
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    service: labels[`${LABEL}.service`] ?? '',
    files: composeFiles(labels),
    state: info.State.Status as ContainerState,
    health: (info.State.Health?.Status as Health | undefined) ?? 'none',
    healthOutput: failedOutput(info),
    exitCode: info.State.ExitCode,
    error: info.State.Error,
    startedAt: Math.max(0, Date.parse(info.State.StartedAt) || 0),
    finishedAt: Math.max(0, Date.parse(info.State.FinishedAt) || 0),
    restarts: info.RestartCount,
    ...(info.State.OOMKilled && {oomKilled: true as const}),
    pid: info.State.Pid,
    networkMode: info.HostConfig.NetworkMode ?? '',
    imageId: info.Image,
    image: info.Config.Image,
    configHash: labels[`${LABEL}.config-hash`] ?? '',
    ports: publishedPorts(info),
    settings: settingsOf(info),
  }
}

/** Of "NAME=value", an image's own variables among them. */
const settingsOf = ({Config}: ContainerInspectInfo): Settings =>
  pickSettings(Object.fromEntries((Config.Env ?? []).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])))

function failedOutput(info: ContainerInspectInfo): string | undefined {
  const last = info.State.Health?.Log?.at(-1)
  return last === undefined || last.ExitCode === 0 ? undefined : last.Output.trim()
}

type Bindings = Record<string, {HostIp: string; HostPort: string}[] | null>

/** "8989" where host and container agree and every address is meant; else "127.0.0.1:18989->8989". By container port. */
function publishedPorts(info: ContainerInspectInfo): string[] {
  const bindings = Object.entries((info.NetworkSettings.Ports ?? {}) as Bindings)
  const sorted = bindings.toSorted(([a], [b]) => parseInt(a, 10) - parseInt(b, 10))
  const texts = sorted.flatMap(([port, hosts]) =>
    (hosts ?? []).map(({HostIp, HostPort}) => portText(HostIp, HostPort, port.replace('/tcp', ''))),
  )
  // The same port of 0.0.0.0 and :: is one to the operator.
  return [...new Set(texts)]
}

function portText(address: string, host: string, container: string): string {
  const everywhere = address === '0.0.0.0' || address === '::' || address === ''
  return `${everywhere ? '' : `${address}:`}${host === container ? host : `${host}->${container}`}`
}
