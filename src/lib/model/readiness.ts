import type {DeclaredService} from './declared.js'
import type {ObservedContainer} from './observed.js'

/** Whether a service that was started has arrived. */
type Readiness =
  | {readonly is: 'ready'; readonly how: string}
  | {readonly is: 'lost'; readonly why: string}
  /** Look again after this many milliseconds at the latest, or when an event hints at it. */
  | {readonly is: 'pending'; readonly recheckMs: number}

/** A container without a health check is taken to run when it has done so for this long. */
const SETTLED_MS = 3_000
/** Docker restarts a crashing container at 0.1, 0.2, 0.4 … s: this many mean that it has crashed for about 3 s. */
const CRASHES = 5
const RECHECK_MS = 5_000

/**
 * `now`: epoch milliseconds. An unhealthy container is still waited for: a gateway may find another server.
 * @param settledMs For how long one without a health check has to run without a restart.
 */
export function readiness(
  service: DeclaredService,
  container: ObservedContainer | undefined,
  now: number,
  settledMs: number = SETTLED_MS,
): Readiness {
  if (container === undefined) return {is: 'lost', why: 'it has no container'}
  if (container.state === 'exited' || container.state === 'dead') return ended(service, container)
  return arrived(container, now, settledMs) ?? crashing(container) ?? {is: 'pending', recheckMs: recheckMs(container, now, settledMs)}
}

function arrived({state, health, startedAt}: ObservedContainer, now: number, settledMs: number): Readiness | undefined {
  if (state !== 'running') return undefined
  if (health === 'healthy') return {is: 'ready', how: 'healthy'}
  return health === 'none' && startedAt + settledMs <= now ? {is: 'ready', how: 'running; it has no health check'} : undefined
}

/** Docker counts restarts since the last start by hand, so one that has recovered from many is not lost. */
function crashing({restarts, exitCode}: ObservedContainer): Readiness | undefined {
  return restarts >= CRASHES ? {is: 'lost', why: `it keeps ending (${restarts} restarts, exit code ${exitCode})`} : undefined
}

const recheckMs = ({state, health, startedAt}: ObservedContainer, now: number, settledMs: number): number =>
  state === 'running' && health === 'none' ? startedAt + settledMs - now : RECHECK_MS

function ended(service: DeclaredService, container: ObservedContainer): Readiness {
  if (!service.restarts && container.exitCode === 0 && container.error === '') return {is: 'ready', how: 'it ended, with success'}
  return {is: 'lost', why: `it ended with exit code ${container.exitCode}${container.error ? `: ${container.error}` : ''}`}
}
