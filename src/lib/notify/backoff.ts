import type {Failure} from './publish-result.js'
import type {Pause} from '../time/wakeup.js'

const FIRST_MS = 5_000
const LONGEST_MS = 300_000
/** However long a server asks to wait. */
const PATIENCE_MS = 3_600_000

/**
 * How long to wait after a failure. A new message may end it early, as it may be the one that says that the network is
 * back; but not where the server answers and asks for peace, or refuses us until somebody mends the settings.
 * @param inARow how many failures there were since something was delivered, this one included.
 */
export function pauseAfter(failure: Failure, inARow: number): Pause {
  if (failure.is === 'refused') return exactly(LONGEST_MS)
  const own = Math.min(LONGEST_MS, FIRST_MS * 2 ** (inARow - 1))
  if (failure.afterMs === undefined) return {leastMs: FIRST_MS, mostMs: own}
  return exactly(Math.max(own, Math.min(failure.afterMs, PATIENCE_MS)))
}

const exactly = (milliseconds: number): Pause => ({leastMs: milliseconds, mostMs: milliseconds})
