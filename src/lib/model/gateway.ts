import type {ObservedContainer} from './observed.js'

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
