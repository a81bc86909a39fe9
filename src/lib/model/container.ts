import type {Settings} from './gateway-settings.js'

/** One snapshot of what Docker says of a stack. */

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'
export type Health = 'none' | 'starting' | 'healthy' | 'unhealthy'

export type ObservedContainer = {
  readonly id: string
  /** Only what Docker's list tells: Docker is at work on it, and it does not run yet. */
  readonly brief?: true
  readonly name: string
  readonly service: string
  /** The Compose files that it was made from, absolute; without them it is not told. */
  readonly files?: readonly string[]
  readonly state: ContainerState
  readonly health: Health
  /** The output of the last health check that failed, if the last one did. */
  readonly healthOutput: string | undefined
  readonly exitCode: number
  /** Docker's own error of the last start, '' if there was none. */
  readonly error: string
  /** Epoch milliseconds; 0 if it never started. */
  readonly startedAt: number
  /** Epoch milliseconds of its last end; 0 if it never ended. */
  readonly finishedAt: number
  /** By its restart policy, since somebody started it. */
  readonly restarts: number
  /** The kernel ended it for want of memory, and nobody has started it since. */
  readonly oomKilled?: true
  readonly pid: number
  /** The network namespace its process is in, as the kernel names it; undefined where the host does not let us see it. */
  readonly namespace?: string
  readonly networkMode: string
  readonly imageId: string
  readonly image: string
  /** What Compose would compare to see whether the declaration changed. */
  readonly configHash: string
  readonly ports: readonly string[]
  /** Of its environment, what decides over a VPN gateway's traffic: no secret. */
  readonly settings?: Settings
}

/** What the registry says a reference points at now. */
export type RemoteDigest = {readonly digest: string} | {readonly unknown: string}

export type ObservedImage = {
  readonly reference: string
  /** undefined: not on this machine. */
  readonly id: string | undefined
  readonly digests: readonly string[]
  /** The version its maker wrote into its labels. */
  readonly version: string | undefined
  /** undefined: the registry was not asked. */
  readonly remote: RemoteDigest | undefined
}

export type ObservedStack = {
  /** By service. */
  readonly containers: ReadonlyMap<string, ObservedContainer>
  /** By service: containers that are there and could not be looked at, and why. Only a look that asks for it allows any. */
  readonly unreadable?: ReadonlyMap<string, string>
  /** When the daemon started, as far as Docker tells; epoch milliseconds. */
  readonly daemonStartedAt?: number
  /** By reference, those of the declared services. */
  readonly images: ReadonlyMap<string, ObservedImage>
  /** Ids of images that containers were made from and that are not on this machine any more; with the images. */
  readonly lost?: ReadonlySet<string>
  /** By service: the hashes that a container created now could carry; empty if they were not asked for. */
  readonly configHashes: ReadonlyMap<string, readonly string[]>
  /** Names of the shared networks that exist. */
  readonly networks: ReadonlySet<string>
  /** Their subnets, CIDR; undefined where they were not looked at. */
  readonly subnets?: ReadonlyMap<string, readonly string[]>
  /** By name or id: containers outside of the project whose network namespace one of its containers has joined; undefined: gone. */
  readonly hosts?: ReadonlyMap<string, ObservedContainer | undefined>
  /** Names of the networks that Compose made for this project, which other files may share. */
  readonly ownNetworks: readonly string[]
}

export const isUp = (container: ObservedContainer | undefined): boolean =>
  container?.state === 'running' || container?.state === 'restarting'

/** Running, and not said to be unwell. A container without a health check has only its running to show. */
export const isReady = (container: ObservedContainer | undefined): boolean =>
  container?.state === 'running' && (container.health === 'healthy' || container.health === 'none')

/**
 * Compose was killed while it recreated it: the old container is gone, and the new one still has the name that it gets for
 * the time between, "<12 digits of the old id>_<name>" (docker/compose v2.26, pkg/compose/convergence.go). Started like
 * that it would keep it, so it is made anew.
 */
export const halfMade = ({state, name}: ObservedContainer): boolean => state === 'created' && /^[0-9a-f]{12}_/.test(name)

export const HALF_MADE = 'its new container was made only in part'

/** Where this machine reaches a port of a container. An IPv6 address stands in brackets. */
export type Published = {readonly host: string; readonly port: number}

/** Where a container publishes one of its TCP ports; undefined: nowhere. */
export function publishedPort({ports}: Pick<ObservedContainer, 'ports'>, wanted: number): Published | undefined {
  for (const text of ports) {
    // As `ObservedContainer.ports` has them: "8989", "127.0.0.1:18989->8989".
    const groups = /^(?:(?<address>.+):)?(?<host>\d+)(?:->(?<container>\d+))?$/.exec(text)?.groups
    if (groups === undefined || Number(groups.container ?? groups.host) !== wanted) continue
    const address = groups.address ?? '127.0.0.1'
    return {host: address.includes(':') && !address.startsWith('[') ? `[${address}]` : address, port: Number(groups.host)}
  }
  return undefined
}

/** A container of this machine, whoever made it, as Docker's list tells. */
export type ListedContainer = {
  readonly id: string
  readonly name: string
  readonly state: ContainerState
  /** As it was asked for: "lscr.io/linuxserver/sonarr:latest". */
  readonly image: string
  /** By Compose's labels; undefined: it was not made by Compose. */
  readonly project: string | undefined
  readonly service: string | undefined
  /** The Compose files that it was made from, absolute. */
  readonly files: readonly string[]
  /** The folder that Compose was run for. */
  readonly workingDir: string | undefined
  /** Folders of this machine that it has mounted. */
  readonly binds: readonly {readonly source: string; readonly target: string; readonly writable: boolean}[]
}

/**
 * Docker tried to start it and could not: a port that is taken, a device or a disk that was not there yet after a boot. No
 * restart policy tries that again, and no person stopped it; a start that succeeds clears the error
 * (https://github.com/moby/moby/blob/v26.1.5/daemon/start.go). One that was new stays `created`.
 */
export const couldNotStart = ({state, error}: ObservedContainer): boolean => (state === 'exited' || state === 'created') && error !== ''
