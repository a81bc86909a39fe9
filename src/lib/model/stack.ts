import type {Owner} from './plan.js'

/** What the Compose files declare, reduced to what decisions need. Holds no secret: no environment, no configs. */

/** A stack on disk: its name and the Compose files that Compose merges, in that order. Paths are absolute. */
export type StackFiles = {
  readonly name: string
  readonly files: readonly string[]
}

export type Dependency = {
  readonly service: string
  readonly condition: 'service_started' | 'service_healthy' | 'service_completed_successfully'
}

export type DeclaredService = {
  readonly name: string
  readonly image: string | undefined
  /** Built here, so there is nothing to pull. */
  readonly built: boolean
  /** What its container is called, where the files say it (`container_name`). */
  readonly containerName?: string | undefined
  /**
   * The service whose network namespace this one joins: `network_mode: service:<gateway>`, or `container:<name>` of the
   * container of a service of this stack.
   */
  readonly gateway: string | undefined
  readonly dependsOn: readonly Dependency[]
  /** Runs when the stack is brought up: it is in no profile, or in one that is switched on. */
  readonly active: boolean
  /** Docker starts it again when it ends; one that does not restart is a job, and may end. */
  readonly restarts: boolean
  /** External networks it joins, by Docker's name. */
  readonly networks: readonly string[]
  /** Its labels `homelab.*`, which say how it is to be treated. */
  readonly labels: ReadonlyMap<string, string>
  /** Variables that decide what may leave a gateway beside its tunnel; none of them is a secret. */
  readonly settings?: ReadonlyMap<string, string>
  /** TCP ports that it publishes on this machine. */
  readonly published?: readonly {readonly address: string; readonly port: number}[]
  /** Seconds that it may take to stop, where the files say it. */
  readonly stopGrace?: number
  /** "1000:1000", where Docker itself starts it as somebody else than root. */
  readonly user?: string
  /** Whose its files are: its `user`, or what PUID and PGID tell its image. */
  readonly owner?: Owner
  /** Folders of this machine that it has mounted. */
  readonly binds: readonly {readonly source: string; readonly target: string}[]
  /** Volumes that it has mounted, by Docker's name. */
  readonly volumes?: readonly {readonly name: string; readonly target: string}[]
}

/** A network that several stacks share; `subnet` is known when the files let us create it. */
export type SharedNetwork = {
  readonly name: string
  readonly subnet: string | undefined
}

export type DeclaredStack = StackFiles & {
  readonly project: string
  readonly services: ReadonlyMap<string, DeclaredService>
  readonly sharedNetworks: readonly SharedNetwork[]
  /** Names of the networks that Compose makes for these files. */
  readonly ownNetworks: readonly string[]
}

/** The services that live in `gateway`'s network namespace. */
export function dependentsOf(stack: DeclaredStack, gateway: string): DeclaredService[] {
  return [...stack.services.values()].filter((service) => service.gateway === gateway)
}

export function gatewaysOf(stack: DeclaredStack): string[] {
  return [...new Set([...stack.services.values()].flatMap((service) => service.gateway ?? []))]
}

/** Everything that has to be there before `service`: its declared dependencies and its gateway, which must be healthy. */
export function requirementsOf(service: DeclaredService): readonly Dependency[] {
  const {gateway} = service
  if (gateway === undefined) return service.dependsOn
  const others = service.dependsOn.filter((dependency) => dependency.service !== gateway)
  return [{service: gateway, condition: 'service_healthy'}, ...others]
}

/** The stack with other images declared for some services. */
export function withReferences(stack: DeclaredStack, references: ReadonlyMap<string, string>): DeclaredStack {
  if (references.size === 0) return stack
  const services = [...stack.services].map(([name, service]) => [name, {...service, image: references.get(name) ?? service.image}] as const)
  return {...stack, services: new Map(services)}
}
