import type Docker from 'dockerode'
import type {DeclaredStack, StackFiles} from '../model/stack.js'
import type {ListedContainer, ObservedContainer, ObservedStack} from '../model/container.js'
import * as argv from './compose/cli.js'
import {streamLogs, readLogLines, runProgram} from './compose/cli.js'
import {withPinsFile, StackReader, type ReaderParts} from './compose/project.js'
import {asking, type Asking} from './api-call.js'
import {removeHalfRecreated} from './api/half-recreated.js'
import {inspectContainer, observeAhead, withNamespace, identities} from './api/containers.js'
import type {Credentials} from './api/credentials.js'
import {allDiscreet, discreet} from './redact.js'
import {isNotFound} from './errors.js'
import {execute} from './api/exec.js'
import {about, machineName, NEEDED, requireVersion} from './versions.js'
import {containerEvents, pastEvents} from './api/events.js'
import {observeHosts} from './api/hosts.js'
import {imagesOf, localImage, tagImage, untagImage} from './api/images.js'
import {inventory} from './api/inventory.js'
import {createNetwork, networkGateway, removeNetwork} from './api/networks.js'
import {pullImage} from './api/pull.js'
import {volumePlace} from './api/volumes.js'
import type {
  About,
  ContainerEvent,
  DiagnosedEngine,
  Executed,
  Identity,
  LocalImage,
  LogLine,
  LogOptions,
  Look,
  PastEvent,
  VolumePlace,
} from './engine.js'
import {lookAtStack} from './observe.js'
import type {PullProgress} from '../model/plan.js'

type DockerParts = ReaderParts & {
  /** Connects at its first use, so that Compose already runs while dockerode is loaded. */
  readonly docker: () => Promise<Docker>
  readonly credentials: Credentials
}

/** Seconds for one question, and for a look, which also asks registries and runs Compose. */
const ANSWER_S = 20
const LOOK_S = 45

/** The engine as it is: Compose through its CLI, everything else through the Engine API. */
export class DockerEngine implements DiagnosedEngine {
  private readonly reader: StackReader
  private readonly api: Asking

  constructor(private readonly parts: DockerParts) {
    this.reader = new StackReader(parts)
    this.api = asking(parts.docker)
  }

  async declare(files: StackFiles, signal: AbortSignal): Promise<DeclaredStack> {
    const {stack} = await this.reader.begin(files, signal)
    // Compose takes its time; dockerode is loaded meanwhile. A failure to connect is told by who asks something.
    void this.parts.docker().catch(() => undefined)
    return stack
  }

  observe(stack: DeclaredStack, look: Look, signal: AbortSignal): Promise<ObservedStack> {
    const {parts, reader} = this
    return this.api.told('Looking at the stack', (docker) => lookAtStack({...parts, docker, reader}, stack, look, signal), signal, LOOK_S)
  }

  async glance(files: StackFiles, signal: AbortSignal): Promise<{stack: DeclaredStack; observed: ObservedStack}> {
    const {stack: declared} = await this.reader.begin(files, signal)
    const project = declared.then((stack) => stack.project)
    // The look may have failed before it asks for it; what is wrong with the files is told through `declared`.
    project.catch(() => undefined)
    const [base = ''] = files.files
    const looking = this.api.told('Looking at the stack', (docker) => observeAhead(docker, base, project, signal), signal, LOOK_S)
    const [stack, found] = await Promise.all([declared, looking])
    const containers = allDiscreet(found, this.parts.compose.conceal)
    const looked = this.api.told('Looking at the stack', () => observeHosts(this.parts.docker, stack, found, signal), signal, ANSWER_S)
    return {
      stack,
      observed: {containers, hosts: await looked, images: new Map(), configHashes: new Map(), networks: new Set(), ownNetworks: []},
    }
  }

  inspect(container: string, signal: AbortSignal): Promise<ObservedContainer | undefined> {
    return this.api
      .told('Looking at a container', (docker) => inspectContainer(docker, container, signal), signal, ANSWER_S)
      .then((found) => found && withNamespace(discreet(found, this.parts.compose.conceal)))
  }

  async *events(project: string, signal: AbortSignal): AsyncGenerator<ContainerEvent> {
    yield* containerEvents(await this.parts.docker(), project, signal)
  }

  past(project: string, since: number, signal: AbortSignal): Promise<PastEvent[]> {
    return this.api.told('Asking what has happened', (docker) => pastEvents(docker, project, since, signal), signal, ANSWER_S)
  }

  about(signal: AbortSignal): Promise<About> {
    return this.api.told('Asking Docker about itself', (docker) => about(docker, signal), signal, ANSWER_S)
  }

  async composeVersion(signal: AbortSignal): Promise<string> {
    return (await runProgram(this.parts.compose, 'Asking Compose for its version', ['version', '--short'], {signal})).trim()
  }

  execute(container: string, argv: readonly string[], limit: number, signal: AbortSignal): Promise<Executed | undefined> {
    return this.api.told(`Running ${argv[0]} in the container`, (docker) => execute(docker, container, argv, limit, signal), signal)
  }

  async composeUp(stack: DeclaredStack, services: readonly string[], force: boolean): Promise<void> {
    const {compose, composeDir} = this.parts
    await this.clearHalfRecreated(stack, services)
    await runProgram(
      compose,
      `Creating ${services.join(', ')}`,
      argv.up(await withPinsFile(stack, composeDir), composeDir, services, force),
    )
  }

  async composeReplace(stack: DeclaredStack, services: readonly string[]): Promise<void> {
    const {compose, composeDir} = this.parts
    await this.clearHalfRecreated(stack, services)
    await runProgram(compose, `Replacing ${services.join(', ')}`, argv.replace(await withPinsFile(stack, composeDir), composeDir, services))
  }

  private clearHalfRecreated({project}: DeclaredStack, services: readonly string[]): Promise<void> {
    return this.api.change('Removing what an interrupted recreation has left', (docker) => removeHalfRecreated(docker, project, services))
  }

  pull(reference: string, onProgress: (progress: PullProgress) => void, signal: AbortSignal): Promise<void> {
    return this.api.told(
      `Pulling ${reference}`,
      (docker) => pullImage(docker, reference, this.parts.credentials, onProgress, signal),
      signal,
    )
  }

  tag(image: string, reference: string): Promise<void> {
    return this.api.told(`Naming the image ${reference}`, (docker) => tagImage(docker, image, reference))
  }

  untag(reference: string): Promise<void> {
    return this.api.told(`Taking the name ${reference} off its image`, (docker) => untagImage(docker, reference))
  }

  images(repository: string, signal: AbortSignal): Promise<LocalImage[]> {
    return this.api.told('Looking at the images', (docker) => imagesOf(docker, repository), signal, ANSWER_S)
  }

  image(name: string, signal: AbortSignal): Promise<LocalImage | undefined> {
    return this.api.told('Looking at an image', (docker) => localImage(docker, name), signal, ANSWER_S)
  }

  identities(signal: AbortSignal): Promise<Map<string, Identity>> {
    return this.api.told('Looking at the containers', (docker) => identities(docker, signal), signal, ANSWER_S)
  }

  inventory(signal: AbortSignal): Promise<ListedContainer[]> {
    return this.api.told('Looking at the containers', (docker) => inventory(docker, signal), signal, ANSWER_S)
  }

  networkGateway(name: string, signal: AbortSignal): Promise<string | undefined> {
    return this.api.told(`Looking at the network ${name}`, (docker) => networkGateway(docker, name), signal, ANSWER_S)
  }

  machine(signal: AbortSignal): Promise<string> {
    return this.api.told('Looking at Docker', machineName, signal, ANSWER_S)
  }

  volume(name: string, signal: AbortSignal): Promise<VolumePlace | undefined> {
    return this.api.told(`Looking at the volume ${name}`, (docker) => volumePlace(docker, name, signal), signal, ANSWER_S)
  }

  start(container: string): Promise<void> {
    return this.api.change('Starting', (docker) => docker.getContainer(container).start())
  }

  stop(container: string): Promise<void> {
    return this.api.change('Stopping', (docker) => docker.getContainer(container).stop(), isNotFound)
  }

  restart(container: string): Promise<void> {
    return this.api.change('Restarting', (docker) => docker.getContainer(container).restart())
  }

  async remove(container: string): Promise<void> {
    await this.stop(container)
    await this.api.change('Removing', (docker) => docker.getContainer(container).remove({v: false}), isNotFound)
  }

  createNetwork(name: string, subnet: string): Promise<void> {
    return this.api.told(`Creating the network ${name}`, (docker) => createNetwork(docker, name, subnet))
  }

  removeNetwork(name: string, project: string): Promise<{removed: boolean; why: string}> {
    return this.api.told(`Removing the network ${name}`, (docker) => removeNetwork(docker, name, project))
  }

  async requireVersions(signal: AbortSignal): Promise<void> {
    const [version, engine] = await Promise.all([
      this.composeVersion(signal),
      this.api.told('Asking Docker for its version', async (docker) => (await docker.version()).Version, signal, ANSWER_S),
    ])
    requireVersion('Docker Compose', version, NEEDED.compose, 'docker-compose')
    requireVersion('Docker Engine', engine, NEEDED.engine, 'docker.io')
  }

  logs(stack: DeclaredStack, services: readonly string[], options: LogOptions, signal: AbortSignal): Promise<number> {
    return streamLogs(this.parts.compose, argv.logs(stack, this.parts.composeDir, services, options), !options.colour, signal)
  }

  conceal(text: string): string {
    return this.parts.compose.conceal(text)
  }

  logLines(stack: DeclaredStack, services: readonly string[], options: LogOptions, signal: AbortSignal): AsyncIterable<LogLine> {
    return readLogLines(this.parts.compose, argv.stampedLogs(stack, this.parts.composeDir, services, options), signal)
  }
}
