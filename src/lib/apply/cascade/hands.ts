import type {CascadeRules} from '../../model/cascade.js'
import type {DeclaredStack} from '../../model/declared.js'
import type {Decision} from '../../plan/cascade/decide.js'
import type {Notifier} from '../../model/notification.js'
import type {Reporter} from '../report.js'
import type {Hands} from '../stage.js'

/** What cascades are carried out with. */
export type CascadeHands = Hands & {
  readonly notifier: Notifier
}

/** Whose services are to be kept behind their gateway, and how. */
export type CascadeOrder = {
  readonly stack: DeclaredStack
  readonly rules: CascadeRules
  /** Also while cascades are paused, and also what looks fine. */
  readonly force: boolean
  readonly by: 'watch' | 'command'
}

/** Everything that one pass is given. */
export type CascadeJob = {
  readonly order: CascadeOrder
  readonly hands: CascadeHands
  readonly reporter: Reporter
  readonly signal: AbortSignal
  /** Who waits for a first look: it comes before the lock, which another may hold for minutes, and before anything is done. */
  readonly onLook?: (phase: Decision['phase']) => void
}

/** Runs the work with the stack's lock. */
export const withStack = <T>({order, hands}: CascadeJob, work: () => Promise<T>): Promise<T> =>
  hands.exclusively(order.stack.project, `homelab cascade of ${order.stack.name}`, work)
