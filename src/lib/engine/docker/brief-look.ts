import {setTimeout as sleep} from 'node:timers/promises'
import type {ContainerInfo} from 'dockerode'
import type {ContainerState, ObservedContainer} from '../../model/observed.js'
import {composeFiles} from './compose-labels.js'

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

const LABEL = 'com.docker.compose'

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
