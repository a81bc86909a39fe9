import type {Look} from '../../../src/lib/docker/engine.js'
import type {DeclaredStack} from '../../../src/lib/model/stack.js'
import {gatewayCondition, type GatewayCondition} from '../../../src/lib/model/gateway.js'
import type {ObservedContainer, ObservedStack} from '../../../src/lib/model/container.js'
import {OperatorError} from '../../../src/lib/util/errors.js'
import {MemoryEngine} from './memory-engine.js'

/** How a daemon of this kind behaves; milliseconds. */
type Manners = {
  /** How long a container takes to stop, to be made anew, and from its start to its first health check. */
  readonly stopMs: number
  readonly replaceMs: number
  readonly warmUpMs: number
  /** Gateways have a health check. */
  readonly checks: boolean
  /** By how much a gateway's start is dated too late: a clock that was set back since. */
  readonly aheadMs?: number
  /** The kernel's namespaces can be seen. */
  readonly proves: boolean
}

type Deed = 'start' | 'stop' | 'replace'

/**
 * The engine of the other tests, with what goes wrong in a real one: containers end, daemons restart, events get lost.
 * It knows the truth, too: in which network namespace each container really is.
 */
export class FaultyDocker extends MemoryEngine {
  /** Tells of no event. */
  deaf = false
  /** Of its last start, epoch milliseconds. */
  daemonStartedAt = 0
  /** Answers nothing. */
  away = false
  readonly unreadable = new Set<string>()
  /** How often a deed will yet fail: "stop sonarr". */
  readonly failing = new Map<string, number>()
  /** Gateways that find no server before this, epoch milliseconds. */
  readonly sickUntil = new Map<string, number>()
  /** How often each service changed. */
  readonly versions = new Map<string, number>()
  /** Told at the moment at which a deed of a homelab command takes effect. */
  witness: (deed: Deed, service: string) => void = () => undefined
  /** Told when a question begins: "observe", or "inspect" and the service. */
  asked: (question: 'observe' | 'inspect', service: string) => void = () => undefined
  private readonly spaces = new Map<string, number>()
  private serials = 0

  constructor(
    private readonly stack: DeclaredStack,
    readonly manners: Manners,
  ) {
    super(stack)
  }

  /** Everything runs, since a minute, but for those who are stopped. */
  launch(stopped: readonly string[]): this {
    for (const name of this.gateways()) this.bringUp(name)
    for (const {name, gateway} of this.stack.services.values()) if (gateway !== undefined) this.bringUp(name)
    for (const name of this.stack.services.keys())
      this.become(name, {health: this.checked(name) ? 'healthy' : 'none', startedAt: this.startTime() - 60_000})
    for (const name of stopped) this.exit(name, 0)
    return this
  }

  gateways = (): string[] => [...new Set([...this.stack.services.values()].flatMap(({gateway}) => gateway ?? []))]

  condition = (gateway: string): GatewayCondition => gatewayCondition(this.containers.get(gateway), Date.now())

  /** It runs and shares the network of its gateway, whatever Docker says. */
  connected(name: string): boolean {
    const gateway = this.stack.services.get(name)?.gateway ?? ''
    const [own, other] = [this.containers.get(name), this.containers.get(gateway)]
    const alive = own?.state === 'running' && (other?.state === 'running' || other?.state === 'paused')
    return alive && this.spaces.get(name) === this.spaces.get(gateway)
  }

  override become(service: string, words: Partial<ObservedContainer>, action?: string): void {
    this.versions.set(service, (this.versions.get(service) ?? 0) + 1)
    super.become(service, words, action)
  }

  override async observe(stack: DeclaredStack, look: Look): Promise<ObservedStack> {
    this.answer()
    this.asked('observe', '')
    const observed = await super.observe(stack, look)
    const seen = [...observed.containers]
      .filter(([name]) => !this.unreadable.has(name))
      .map(([name, one]) => [name, this.shown(one)] as const)
    const lost = [...this.unreadable].filter((name) => this.containers.has(name)).map((name) => [name, 'it hangs'] as const)
    return {...observed, containers: new Map(seen), unreadable: new Map(lost), daemonStartedAt: this.daemonStartedAt}
  }

  override async inspect(id: string): Promise<ObservedContainer | undefined> {
    this.answer()
    const container = this.byId(id)
    if (container === undefined) return undefined
    this.asked('inspect', container.service)
    return this.shown(container)
  }

  override async start(id: string): Promise<void> {
    const {service, state} = this.given(id)
    this.witness('start', service)
    this.failIfDue(`start ${service}`)
    if (state !== 'running') this.run(service)
  }

  override async stop(id: string): Promise<void> {
    const {service} = this.given(id)
    this.witness('stop', service)
    await sleep(this.manners.stopMs)
    this.failIfDue(`stop ${service}`)
    if (this.byId(id) !== undefined) this.exit(service, 0)
  }

  override async composeReplace(stack: DeclaredStack, services: readonly string[]): Promise<void> {
    this.answer()
    for (const service of services) this.witness('replace', service)
    await sleep(this.manners.replaceMs)
    for (const service of services) this.failIfDue(`replace ${service}`)
    for (const service of services) this.replace(stack, service)
  }

  /** It has not been replaced. */
  byIdentity = (id: string): boolean => this.byId(id) !== undefined

  /** As `docker start`, by somebody else. */
  launchOne(service: string): void {
    const container = this.containers.get(service)
    if (container === undefined || container.state === 'running' || container.state === 'paused') return
    try {
      this.run(service)
    } catch {
      // Docker told them why.
    }
  }

  /** As `docker compose up`, by somebody else, of one that has no container. */
  bringUp(service: string): void {
    this.make(this.stack, service)
    this.run(service)
  }

  exit(service: string, exitCode: number, error = ''): void {
    if (this.containers.get(service)?.state === 'created' && error === '') return
    this.spaces.delete(service)
    this.become(service, {state: 'exited', exitCode, error, health: 'none', finishedAt: Date.now()}, 'die')
  }

  destroy(service: string): void {
    this.containers.delete(service)
    this.spaces.delete(service)
    this.become(service, {}, 'destroy')
  }

  /** Its health changes within the same start. */
  sicken(gateway: string, milliseconds: number): void {
    this.sickUntil.set(gateway, Date.now() + milliseconds)
    if (!this.checked(gateway) || this.containers.get(gateway)?.health !== 'healthy') return
    this.become(gateway, {health: 'unhealthy'}, 'health_status: unhealthy')
    this.checkLater(gateway, milliseconds)
  }

  protected override startTime(): number {
    this.serials++
    // Two starts are never at the same moment.
    this.lastStart = Math.max(this.lastStart + 1, Date.now())
    return this.lastStart
  }

  private lastStart = 0

  /** Docker remembers why it could not start a container. */
  protected override run(service: string): void {
    try {
      super.run(service)
    } catch (error) {
      this.become(service, {state: 'exited', exitCode: 128, error: (error as Error).message, health: 'none'}, 'die')
      throw error
    }
    const gateway = this.stack.services.get(service)?.gateway
    this.spaces.set(service, gateway === undefined ? ++this.serials : (this.spaces.get(gateway) ?? 0))
    const late = this.gateways().includes(service) ? (this.manners.aheadMs ?? 0) : 0
    this.become(service, {health: this.checked(service) ? 'starting' : 'none', startedAt: this.lastStart + late}, 'start')
    this.checkLater(service, this.manners.warmUpMs)
  }

  protected override tell(service: string, action: string): void {
    if (!this.deaf) super.tell(service, action)
  }

  private checked = (service: string): boolean => this.manners.checks || !this.gateways().includes(service)

  private checkLater(service: string, milliseconds: number): void {
    const start = this.containers.get(service)?.startedAt
    if (this.checked(service)) setTimeout(() => this.containers.get(service)?.startedAt === start && this.check(service), milliseconds)
  }

  private check(service: string): void {
    const {state} = this.containers.get(service) ?? {}
    if (state === 'paused') return this.checkLater(service, 1_000)
    if (state !== 'running') return
    const left = (this.sickUntil.get(service) ?? 0) - Date.now()
    if (left <= 0) return this.become(service, {health: 'healthy'}, 'health_status: healthy')
    this.become(service, {health: 'unhealthy'}, 'health_status: unhealthy')
    this.checkLater(service, left)
  }

  private replace(stack: DeclaredStack, service: string): void {
    const gateway = stack.services.get(service)?.gateway
    if (gateway !== undefined && !this.containers.has(gateway)) throw new OperatorError(`No such container: ${gateway}`)
    this.spaces.delete(service)
    this.make(stack, service)
    this.become(service, {health: 'none'}, 'create')
  }

  private answer(): void {
    if (this.away) throw new OperatorError('Docker does not answer.')
  }

  private given(id: string): ObservedContainer {
    this.answer()
    const container = this.byId(id)
    if (container === undefined) throw new OperatorError(`No such container: ${id}`)
    return container
  }

  private failIfDue(deed: string): void {
    const left = this.failing.get(deed) ?? 0
    this.failing.set(deed, left - 1)
    this.answer()
    if (left > 0) throw new OperatorError(`${deed}: it went wrong`)
  }

  private shown(container: ObservedContainer): ObservedContainer {
    const namespace = this.manners.proves ? this.spaces.get(container.service) : undefined
    return namespace === undefined ? container : {...container, namespace: String(namespace)}
  }
}

const sleep = (milliseconds: number): Promise<void> | undefined =>
  milliseconds === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, milliseconds))
