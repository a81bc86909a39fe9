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

/** `now`: epoch milliseconds. An unhealthy container is still waited for: a gateway may find another server. */
export function readiness(service: DeclaredService, container: ObservedContainer | undefined, now: number): Readiness {
  if (container === undefined) return {is: 'lost', why: 'it has no container'}
  if (container.state === 'exited' || container.state === 'dead') return ended(service, container)
  if (container.restarts >= CRASHES)
    return {is: 'lost', why: `it keeps ending (${container.restarts} restarts, exit code ${container.exitCode})`}
  if (container.state !== 'running') return {is: 'pending', recheckMs: RECHECK_MS}
  if (container.health === 'healthy') return {is: 'ready', how: 'healthy'}
  if (container.health !== 'none') return {is: 'pending', recheckMs: RECHECK_MS}
  const left = container.startedAt + SETTLED_MS - now
  return left <= 0 ? {is: 'ready', how: 'running; it has no health check'} : {is: 'pending', recheckMs: left}
}

function ended(service: DeclaredService, container: ObservedContainer): Readiness {
  if (!service.restarts && container.exitCode === 0 && container.error === '') return {is: 'ready', how: 'it ended, with success'}
  return {is: 'lost', why: `it ended with exit code ${container.exitCode}${container.error ? `: ${container.error}` : ''}`}
}
