import type {DeclaredStack, StackFiles} from '../model/stack.js'
import type {ListedContainer, ObservedContainer, ObservedStack} from '../model/container.js'
import type {PullProgress} from '../model/plan.js'

/** What an observation should include beyond containers and networks; each costs time. */
export type Look = {
  /** The local images of the declared services. */
  readonly images?: boolean
  /** What a container created now would be hashed to: one run of Compose. */
  readonly hashes?: boolean
  /** Do not fail for a container that cannot be inspected: tell of it. Do not wait for a gateway that Docker is starting. */
  readonly partial?: boolean
  /** What the registries offer, for these services. */
  readonly registries?: readonly string[]
}

/**
 * A hint that a container of the project changed. What is true is what is observed. The first one of a stream says that
 * it is open: its action is `subscribed`, and its service and container are empty.
 */
export type ContainerEvent = {
  readonly service: string
  readonly container: string
  readonly action: string
}

export type LogOptions = {
  readonly follow: boolean
  /** Lines per service; undefined: all. */
  readonly lines: number | undefined
  readonly colour: boolean
}

/** An image on this machine. */
export type LocalImage = {
  readonly id: string
  /** With their tags. */
  readonly references: readonly string[]
  readonly digests: readonly string[]
  readonly version: string | undefined
  /** When it was made, epoch milliseconds; undefined: it does not say. */
  readonly created?: number
  /** "amd64"; undefined: it was not looked at closely. */
  readonly architecture?: string
}

/** Something that happened to a container of a project; `at` in epoch milliseconds. */
export type PastEvent = ContainerEvent & {readonly at: number}

/** What Docker says of itself. */
export type About = {
  readonly version: string
  /** As Go names it: "amd64". */
  readonly architecture: string
  /** The name of the machine that it runs on. */
  readonly machine: string
  /** Where it keeps its images and containers. */
  readonly root: string
  /** Subnets by network, CIDR. */
  readonly subnets: ReadonlyMap<string, readonly string[]>
}

/** Whose a container is, by Compose's labels. */
export type Identity = {readonly project: string; readonly service: string}

/** A folder of the daemon's machine; or why there is none that can be copied. */
export type VolumePlace = {readonly folder: string} | {readonly unreachable: string}

/** Docker and Compose, in our own words. Every method throws OperatorError for what it can explain. */
export interface Engine {
  /** The resolved Compose model. @throws OperatorError (78) for what is wrong with the files or `.env`. */
  declare(files: StackFiles, signal: AbortSignal): Promise<DeclaredStack>
  observe(stack: DeclaredStack, look: Look, signal: AbortSignal): Promise<ObservedStack>
  /** `declare` and the containers, side by side: for reports, where the one may be a tenth of a second older than the other. */
  glance(files: StackFiles, signal: AbortSignal): Promise<{stack: DeclaredStack; observed: ObservedStack}>
  /** One container as it is now; undefined if it is gone. */
  inspect(container: string, signal: AbortSignal): Promise<ObservedContainer | undefined>
  /** Ends without an error when the signal fires or the daemon closes the stream. */
  events(project: string, signal: AbortSignal): AsyncIterable<ContainerEvent>
  /** Creates and starts these services, and nothing else. Runs to its end: half a recreation is worse than a late Ctrl-C. */
  composeUp(stack: DeclaredStack, services: readonly string[], force: boolean): Promise<void>
  /** Makes new containers for these services, and does not start them. Runs to its end. */
  composeReplace(stack: DeclaredStack, services: readonly string[]): Promise<void>
  pull(reference: string, onProgress: (progress: PullProgress) => void, signal: AbortSignal): Promise<void>
  /** Gives an image another name; moves the name if it named another image. */
  tag(image: string, reference: string): Promise<void>
  /** Takes a name off; an image without names that nobody uses goes with it. One that is in use, or gone, is no failure. */
  untag(reference: string): Promise<void>
  /** The images on this machine that have a name in this repository. */
  images(repository: string, signal: AbortSignal): Promise<readonly LocalImage[]>
  /** By id or reference; undefined: it is not on this machine. */
  image(name: string, signal: AbortSignal): Promise<LocalImage | undefined>
  /** Every container of a Compose project, by id: whose it is. */
  identities(signal: AbortSignal): Promise<ReadonlyMap<string, Identity>>
  /** Every container of the machine, whoever made it. */
  inventory(signal: AbortSignal): Promise<readonly ListedContainer[]>
  /** The name of the machine that Docker runs on. */
  machine(signal: AbortSignal): Promise<string>
  /** The address of this machine in a network; undefined: there is no such network. */
  networkGateway(name: string, signal: AbortSignal): Promise<string | undefined>
  /** undefined: there is no such volume. */
  volume(name: string, signal: AbortSignal): Promise<VolumePlace | undefined>
  start(container: string): Promise<void>
  /** One that is gone is stopped. */
  stop(container: string): Promise<void>
  restart(container: string): Promise<void>
  /** Stops it gracefully first. */
  remove(container: string): Promise<void>
  /** Harmless if it exists by now. */
  createNetwork(name: string, subnet: string): Promise<void>
  /** Returns who still uses it; removed only if nobody does, and it was made by us or by Compose for this project. */
  removeNetwork(name: string, project: string): Promise<{removed: boolean; why: string}>
  /** @throws OperatorError if Compose or the engine is older than what the stacks need. */
  requireVersions(signal: AbortSignal): Promise<void>
  /** Writes to our own stdout; returns Docker's exit code. */
  logs(stack: DeclaredStack, services: readonly string[], options: LogOptions, signal: AbortSignal): Promise<number>
  /** Replaces the secrets of `.env` in what programs say. */
  conceal(text: string): string
  /** The lines of the log, with their service and time. */
  logLines(stack: DeclaredStack, services: readonly string[], options: LogOptions, signal: AbortSignal): AsyncIterable<LogLine>
}

/** What only a diagnosis asks. */
export interface DiagnosedEngine extends Engine {
  /** Ends and OOM kills since that moment, as far back as Docker remembers: its last 256 events. @param since Epoch milliseconds. */
  past(project: string, since: number, signal: AbortSignal): Promise<readonly PastEvent[]>
  about(signal: AbortSignal): Promise<About>
  /** As Compose says it: "2.26.1-4". */
  composeVersion(signal: AbortSignal): Promise<string>
  /** Runs a program in a container. @returns undefined: it has not ended within so many milliseconds. */
  execute(container: string, argv: readonly string[], limit: number, signal: AbortSignal): Promise<Executed | undefined>
}

/** How a program ended; `output` is both of its streams. */
export type Executed = {readonly code: number; readonly output: string}

export type LogLine = {readonly service: string; readonly time: string; readonly text: string}
