import type {DeclaredStack} from '../model/declared.js'
import type {ObservedStack} from '../model/observed.js'

/** Everything a planner may look at: what was declared and what was observed, at one moment. */
export type World = {
  readonly stack: DeclaredStack
  readonly observed: ObservedStack
}

type Limits = {
  /** Seconds a service may take to become healthy. */
  readonly healthy: number
}

/** What the operator asked for. */
export type Intent = {
  /** Empty: the whole stack. */
  readonly services: readonly string[]
  readonly limits: Limits
  /** Recreate what would be left alone. */
  readonly force?: boolean
  /** Do not wait until what was started is healthy. */
  readonly noWait?: boolean
  /** References that were pulled a moment ago: their registry is not asked again. */
  readonly pulled?: ReadonlySet<string>
}
