import type {ObservedContainer, ObservedStack} from './container.js'

/**
 * What may happen behind a gateway.
 * - `ready`: dependents may be started.
 * - `troubled`: its firewall is up and it lost its tunnel: who lives in its namespace stays, nobody is started.
 * - `starting`: it has not been healthy since its start: its firewall may not be up, nobody may run behind it.
 * - `away`: it does not run; what lived in its namespace is cut off.
 * - `missing`: there is no container.
 */
export type GatewayCondition = 'ready' | 'troubled' | 'starting' | 'away' | 'missing'

/** One without a health check is taken to be ready when it has run for this long, milliseconds. */
const SETTLED_MS = 3_000

/** `now`: epoch milliseconds. */
export function gatewayCondition(gateway: ObservedContainer | undefined, now: number): GatewayCondition {
  if (gateway === undefined) return 'missing'
  if (gateway.state === 'paused') return 'troubled'
  if (gateway.state !== 'running') return 'away'
  // Docker says "starting" until the first check that passes or the last that may fail, and never again in that start.
  if (gateway.health === 'starting') return 'starting'
  if (gateway.health === 'none') return hasSettled(gateway, now) ? 'ready' : 'starting'
  return gateway.health === 'healthy' ? 'ready' : 'troubled'
}

/**
 * One whose start is later than now was started before the clock was set back. For how long it has run nobody can tell: but
 * for a step of the size of the wait itself it is taken to have settled, or nothing could start behind it until the clock has
 * caught up.
 */
const hasSettled = ({startedAt}: ObservedContainer, now: number): boolean => startedAt + SETTLED_MS <= now || startedAt > now + SETTLED_MS

/**
 * How a dependent stands to its gateway's network namespace.
 * - `attached`: lives in the present one.
 * - `stale`: has the right gateway, but joined before its present start; the namespace it holds has only `lo`.
 * - `orphaned`: names a container that is not the gateway; it cannot even be started and has to be recreated.
 * - `down`: does not run.
 */
type Attachment = 'attached' | 'stale' | 'orphaned' | 'down'

/** Whose network namespace it has joined, as Docker keeps it: `container:<id>`, or `container:<name>`. */
export const joinedContainer = ({networkMode}: ObservedContainer): string | undefined =>
  networkMode.startsWith('container:') ? networkMode.slice('container:'.length) : undefined

function namesGateway(dependent: ObservedContainer, gateway: ObservedContainer): boolean {
  const target = joinedContainer(dependent)
  return target === gateway.id || target === gateway.name
}

/**
 * Proven by the kernel where both namespaces could be seen; else judged by id and start time, which agreed with the kernel (`/proc/<pid>/ns/net`) in several hundred observations;
 * Docker's health says nothing here: dependents that are cut off stay "healthy", as their checks ask their own localhost.
 */
export function attachment(dependent: ObservedContainer, gateway: ObservedContainer | undefined): Attachment {
  if (gateway === undefined || !namesGateway(dependent, gateway)) return 'orphaned'
  if (dependent.state !== 'running') return 'down'
  // A paused one keeps its namespace.
  if (gateway.state !== 'running' && gateway.state !== 'paused') return 'stale'
  const proven = dependent.namespace !== undefined && gateway.namespace !== undefined
  const same = proven ? dependent.namespace === gateway.namespace : dependent.startedAt >= gateway.startedAt
  return same ? 'attached' : 'stale'
}

/** How a network namespace was left that somebody still holds: "started again after it", "is exited". */
export const leftAs = (host: ObservedContainer | undefined): string =>
  host?.state === 'running' ? 'started again after it' : `is ${host?.state ?? 'gone'}`

/**
 * The container that this one has joined although its service declares no gateway in its stack. undefined: it has joined
 * none, or none was looked for. `container` is undefined if that one is gone.
 */
export function foreignHost(
  dependent: ObservedContainer,
  {containers, hosts}: ObservedStack,
): {readonly target: string; readonly container: ObservedContainer | undefined} | undefined {
  const target = joinedContainer(dependent)
  if (target === undefined) return undefined
  const own = [...containers.values()].find(({id, name}) => id === target || name === target)
  return own !== undefined || hosts?.has(target) ? {target, container: own ?? hosts?.get(target)} : undefined
}

/**
 * Docker ended it because its gateway was not there, e.g. after `dockerd` restarted. No restart policy brings it back,
 * and no person stopped it. The texts are Docker 26's: "cannot join network of a non running container", "joining
 * network namespace of container: No such container".
 */
export const endedByNamespace = (container: ObservedContainer): boolean =>
  container.state !== 'running' && /(cannot join network|joining network namespace)/.test(container.error)

/** How long before a start of the daemon was reckoned from a container may have ended with it, milliseconds. */
const WITH_DAEMON_MS = 120_000

/**
 * It ended while the daemon started: a daemon that was killed finds its containers alive, stops them, and takes that for the
 * wish of a person (measured, Docker 26: exit code 0, no error, not started again; ended about 5 s before the default network
 * was made anew). A person's stop before that looks alike, so only one that was seen running up to then counts.
 */
export const endedWithDaemon = ({state, finishedAt}: ObservedContainer, daemonStartedAt: number | undefined): boolean =>
  state === 'exited' && daemonStartedAt !== undefined && finishedAt <= daemonStartedAt && finishedAt > daemonStartedAt - WITH_DAEMON_MS
