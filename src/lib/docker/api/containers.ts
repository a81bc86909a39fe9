import {readFileSync, readlinkSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'
import type Docker from 'dockerode'
import type {ContainerInfo, ContainerInspectInfo} from 'dockerode'
import type {ContainerState, Health, ObservedContainer} from '../../model/container.js'
import {pickSettings, type Settings} from '../../model/gateway-settings.js'
import type {Identity} from '../engine.js'
import {isNotFound} from '../errors.js'
import {composeFiles} from './compose-labels.js'

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

/**
 * The network namespace of a process, as the kernel names it: "net:[4026532301]". Two names that were read at one moment
 * tell whether two processes share it; a name that is remembered tells nothing, as the kernel uses it again.
 * @returns undefined where it cannot be seen: without the right, or if Docker runs on another machine.
 */
function networkNamespace(pid: number, container: string): string | undefined {
  if (pid === 0) return undefined
  try {
    // Of another machine's Docker the pid would be some process of ours; the control group tells whose it is.
    if (!readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(container)) return undefined
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return undefined
  }
}

const PROJECT = 'com.docker.compose.project'

/** Every container of a Compose project, running or not: whose it is, by container id. */
export async function identities(docker: Docker, abortSignal: AbortSignal): Promise<Map<string, Identity>> {
  const listed = await docker.listContainers({all: true, filters: {label: [PROJECT]}, abortSignal})
  return new Map(
    listed.map(({Id, Labels}) => [Id, {project: Labels[PROJECT] ?? '', service: Labels['com.docker.compose.service'] ?? ''}] as const),
  )
}

/** How long somebody may keep a look waiting after everybody else has answered, milliseconds. */
const PATIENCE_MS = 20

const UP = new Set(['running', 'paused'])

/**
 * Docker does not answer for a container while it starts it, for 0.3 to 1 s, yet lists it as it was before (measured,
 * Docker 26). One that is listed as down is then taken from the list: whoever lives in its network need not wait.
 * @param others The questions about everybody else, which may fail.
 */
export async function orBriefly(
  looking: Promise<ObservedContainer | undefined>,
  listed: ContainerInfo,
  others: Promise<unknown>,
): Promise<ObservedContainer | undefined> {
  if (UP.has(listed.State)) return looking
  // It is told by who waits for it, if anybody does.
  looking.catch(() => undefined)
  return Promise.race([looking, others.then(() => sleep(PATIENCE_MS)).then(() => fromList(listed))])
}

/** What the list tells of a container that is down. Its times, its error and its ports are not there. */
export function fromList({Id, Names, State, Status, HostConfig, ImageID, Image, Labels}: ContainerInfo): ObservedContainer {
  return {
    id: Id,
    brief: true,
    name: (Names[0] ?? '').replace(/^\//, ''),
    service: Labels[`${LABEL}.service`] ?? '',
    files: composeFiles(Labels),
    state: State as ContainerState,
    health: 'none',
    healthOutput: undefined,
    // "Exited (137) 2 seconds ago"
    exitCode: Number(/\((\d+)\)/.exec(Status)?.[1] ?? 0),
    error: '',
    startedAt: 0,
    finishedAt: 0,
    restarts: 0,
    pid: 0,
    networkMode: HostConfig.NetworkMode,
    imageId: ImageID,
    image: Image,
    configHash: Labels[`${LABEL}.config-hash`] ?? '',
    ports: [],
  }
}
