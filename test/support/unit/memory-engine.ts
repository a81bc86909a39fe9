import type {ContainerEvent, Engine, Identity, LocalImage, LogLine, Look, VolumePlace} from '../../../src/lib/docker/engine.js'
import type {DeclaredService, DeclaredStack, StackFiles} from '../../../src/lib/model/stack.js'
import type {ListedContainer, ObservedContainer, ObservedImage, ObservedStack, RemoteDigest} from '../../../src/lib/model/container.js'
import {OperatorError} from '../../../src/lib/util/errors.js'
import {aContainer, STARTED} from './observed.js'
import type {PullProgress} from '../../../src/lib/model/plan.js'

/** What a service does once it is started. */
type Behaviour = Partial<Pick<ObservedContainer, 'state' | 'health' | 'healthOutput' | 'exitCode' | 'error'>>

/**
 * An engine whose daemon is a few maps. It keeps Docker's rules that matter here: a dependent names its gateway's
 * container id, joins its namespace at its own start, and cannot start without it.
 */
export class MemoryEngine implements Engine {
  readonly stacks = new Map<string, DeclaredStack>()
  readonly containers = new Map<string, ObservedContainer>()
  /** Image ids by reference: on this machine, and in the registry. */
  readonly local = new Map<string, string>()
  readonly registry = new Map<string, string>()
  /** References whose registry does not tell. */
  readonly silent = new Set<string>()
  readonly networks = new Set<string>()
  /** Containers of other projects. */
  readonly others: ListedContainer[] = []
  readonly declarations = new Map<string, string>()
  /** By "start sonarr", "create sonarr", "pull example.org/sonarr:1". */
  readonly failures = new Map<string, Error>()
  readonly behaviours = new Map<string, Behaviour>()
  /** What was asked of Docker, in order: "stop sonarr". */
  readonly done: string[] = []
  /** Called before each change. */
  before: (deed: string) => void | Promise<void> = () => undefined
  private readonly listeners = new Set<(event: ContainerEvent) => void>()
  private clock = STARTED + 60_000
  private serial = 1

  constructor(...stacks: DeclaredStack[]) {
    for (const stack of stacks) {
      this.stacks.set(stack.name, stack)
      for (const {name, image} of stack.services.values()) {
        if (image !== undefined) this.local.set(image, `sha256:${name}-image`)
        if (image !== undefined) this.registry.set(image, `sha256:${name}-image`)
      }
    }
  }

  /** Takes over a snapshot as the present state; a container with the hash of `aContainer` is as it was declared. */
  load({containers, images, networks}: ObservedStack): this {
    for (const [service, container] of containers) this.containers.set(service, container)
    for (const {name, ...service} of [...this.stacks.values()].flatMap((stack) => [...stack.services.values()])) {
      const container = containers.get(name)
      if (container?.configHash !== `${name}-hash`) continue
      this.containers.set(name, {...container, configHash: this.hash({name, ...service})})
    }
    for (const {reference, id} of images.values()) {
      if (id === undefined) this.local.delete(reference)
      else this.local.set(reference, id)
    }
    for (const name of networks) this.networks.add(name)
    return this
  }

  /** Something changes by itself, and Docker tells of it. */
  become(service: string, words: Partial<ObservedContainer>, action = 'health_status: healthy'): void {
    const container = this.containers.get(service)
    if (container !== undefined) this.containers.set(service, {...container, ...words})
    this.tell(service, action)
  }

  async declare({name}: StackFiles): Promise<DeclaredStack> {
    const stack = this.stacks.get(name)
    if (stack === undefined) throw new OperatorError(`no stack ${name}`, {exitCode: 78})
    this.failIfTold(`declare ${name}`)
    return stack
  }

  async glance(files: StackFiles): Promise<{stack: DeclaredStack; observed: ObservedStack}> {
    const stack = await this.declare(files)
    return {stack, observed: await this.observe(stack, {})}
  }

  async observe(stack: DeclaredStack, look: Look): Promise<ObservedStack> {
    this.failIfTold('observe')
    const services = [...stack.services.values()]
    const containers = [...this.containers].filter(([service]) => stack.services.has(service))
    const images = services.flatMap(({name, image, built}): [string, ObservedImage][] =>
      image === undefined || built ? [] : [[image, this.observedImage(image, look.registries?.includes(name) === true)]],
    )
    return {
      containers: new Map(containers),
      images: new Map(look.images ? images : []),
      configHashes: new Map(look.hashes ? services.map((service) => [service.name, [this.hash(service)]]) : []),
      networks: new Set(stack.sharedNetworks.map(({name}) => name).filter((name) => this.networks.has(name))),
      ownNetworks: [],
    }
  }

  async inspect(id: string): Promise<ObservedContainer | undefined> {
    return this.byId(id)
  }

  async *events(_: string, signal: AbortSignal): AsyncGenerator<ContainerEvent> {
    const queue: ContainerEvent[] = []
    let wake = (): void => undefined
    const listener = (event: ContainerEvent): void => void (queue.push(event), wake())
    this.listeners.add(listener)
    signal.addEventListener('abort', () => wake())
    while (!signal.aborted) {
      const event = queue.shift()
      if (event !== undefined) yield event
      else await new Promise<void>((resolve) => (wake = resolve))
    }
    this.listeners.delete(listener)
  }

  async tag(image: string, reference: string): Promise<void> {
    await this.begin(`tag ${reference}`)
    this.local.set(reference, this.local.get(image) ?? image)
  }

  async untag(reference: string): Promise<void> {
    await this.begin(`untag ${reference}`)
    this.local.delete(reference)
  }

  async images(repository: string): Promise<LocalImage[]> {
    const named = [...this.local.keys()].filter((reference) => reference.startsWith(`${repository}:`))
    return named.map((reference) => ({id: this.local.get(reference)!, references: [reference], digests: [], version: undefined}))
  }

  async image(name: string): Promise<LocalImage | undefined> {
    const id = this.local.get(name) ?? [...this.local.values()].find((one) => one === name)
    const references = [...this.local].filter(([, one]) => one === id)
    return id === undefined ? undefined : {id, references: references.map(([reference]) => reference), digests: [], version: undefined}
  }

  async identities(): Promise<Map<string, Identity>> {
    const [stack] = this.stacks.values()
    return new Map([...this.containers].map(([service, {id}]) => [id, {project: stack?.project ?? '', service}]))
  }

  async inventory(): Promise<ListedContainer[]> {
    return this.others
  }

  readonly volumes = new Map<string, VolumePlace>()

  /** Another machine's folders are none of a test's. */
  machine(): Promise<string> {
    return Promise.resolve('elsewhere')
  }

  async volume(name: string): Promise<VolumePlace | undefined> {
    return this.volumes.get(name)
  }

  async networkGateway(): Promise<undefined> {
    return undefined
  }

  async composeUp(stack: DeclaredStack, services: readonly string[], force: boolean): Promise<void> {
    for (const service of services) await this.begin(`create ${service}`)
    for (const name of services) this.create(stack, name, force)
  }

  async composeReplace(stack: DeclaredStack, services: readonly string[]): Promise<void> {
    for (const service of services) await this.begin(`replace ${service}`)
    for (const name of services) this.make(stack, name)
  }

  async pull(reference: string, onProgress: (progress: PullProgress) => void, signal: AbortSignal): Promise<void> {
    await this.begin(`pull ${reference}`)
    signal.throwIfAborted()
    onProgress({layers: 1, layersDone: 1, bytes: 1, bytesTotal: 1})
    const id = this.registry.get(reference)
    if (id === undefined) throw new OperatorError(`The registry has no image ${reference}.`)
    this.local.set(reference, id)
  }

  async start(id: string): Promise<void> {
    const {service, state} = await this.changing('start', id)
    if (state === 'paused') throw new OperatorError('cannot start a paused container, try unpause instead')
    if (state !== 'running') this.run(service)
  }

  async stop(id: string): Promise<void> {
    const {service} = await this.changing('stop', id)
    this.set(service, {state: 'exited', exitCode: 0, health: 'none'}, 'die')
  }

  async restart(id: string): Promise<void> {
    const {service} = await this.changing('restart', id)
    this.set(service, {state: 'exited'}, 'die')
    this.run(service)
  }

  async remove(id: string): Promise<void> {
    const {service} = await this.changing('remove', id)
    this.containers.delete(service)
    this.tell(service, 'destroy')
  }

  async createNetwork(name: string): Promise<void> {
    await this.begin(`create-network ${name}`)
    this.networks.add(name)
  }

  async removeNetwork(name: string): Promise<{removed: boolean; why: string}> {
    await this.begin(`remove-network ${name}`)
    return {removed: this.networks.delete(name), why: 'removed'}
  }

  async requireVersions(): Promise<void> {}

  async logs(): Promise<number> {
    return 0
  }

  conceal(text: string): string {
    return text
  }

  async *logLines(): AsyncGenerator<LogLine> {}

  private observedImage(reference: string, ask: boolean): ObservedImage {
    const id = this.local.get(reference)
    const there = this.registry.get(reference)
    const remote: RemoteDigest =
      this.silent.has(reference) || there === undefined ? {unknown: 'the registry does not answer'} : {digest: there}
    return {reference, id, digests: id === undefined ? [] : [id], version: undefined, remote: ask ? remote : undefined}
  }

  /** As Compose's: a dependent's includes its gateway's container id. */
  private hash({name, gateway}: DeclaredService): string {
    const id = gateway === undefined ? '' : `@${this.containers.get(gateway)?.id ?? 'service'}`
    return `${this.declarations.get(name) ?? name}${id}`
  }

  private create(stack: DeclaredStack, name: string, force: boolean): void {
    if (!this.containers.has(name) || force) this.make(stack, name)
    this.run(name)
  }

  protected make(stack: DeclaredStack, name: string): void {
    const service = stack.services.get(name)
    if (service === undefined) throw new OperatorError(`no such service: ${name}`)
    const imageId = service.image === undefined || service.built ? 'sha256:built' : this.local.get(service.image)
    if (imageId === undefined) throw new OperatorError(`No such image: ${service.image}`)
    const id = `${name}-${++this.serial}`
    const networkMode = service.gateway === undefined ? 'default' : `container:${this.containers.get(service.gateway)?.id}`
    const created = {
      id,
      networkMode,
      imageId,
      image: service.image ?? '',
      configHash: this.hash(service),
      state: 'created',
      startedAt: 0,
    } as const
    this.containers.set(name, aContainer(name, created))
  }

  protected run(service: string): void {
    const mode = this.containers.get(service)?.networkMode ?? ''
    const gateway = mode.startsWith('container:') ? this.byId(mode.slice('container:'.length)) : undefined
    if (mode.startsWith('container:') && gateway === undefined)
      throw new OperatorError('joining network namespace of container: No such container')
    if (gateway !== undefined && gateway.state !== 'running') throw new OperatorError('cannot join network of a non running container')
    const behaviour = this.behaviours.get(service) ?? {health: 'healthy'}
    this.set(service, {state: 'running', exitCode: 0, error: '', restarts: 0, startedAt: this.startTime(), ...behaviour}, 'start')
  }

  /** When a container that is started now will say that it was. */
  protected startTime(): number {
    return (this.clock += 1000)
  }

  private set(service: string, words: Partial<ObservedContainer>, action: string): void {
    this.become(service, words, action)
  }

  private async changing(verb: string, id: string): Promise<ObservedContainer> {
    const container = this.byId(id)
    if (container === undefined) throw new OperatorError(`No such container: ${id}`)
    await this.begin(`${verb} ${container.service}`)
    return container
  }

  private async begin(deed: string): Promise<void> {
    await this.before(deed)
    this.done.push(deed)
    this.failIfTold(deed)
  }

  private failIfTold(deed: string): void {
    const error = this.failures.get(deed)
    if (error !== undefined) throw error
  }

  protected byId = (id: string): ObservedContainer | undefined => [...this.containers.values()].find((container) => container.id === id)

  protected tell(service: string, action: string): void {
    for (const listener of this.listeners) listener({service, container: this.containers.get(service)?.id ?? '', action})
  }
}
