import type {ObservedStack} from '../model/container.js'
import type {DeclaredStack} from '../model/stack.js'
import type {Neighbours} from './neighbours.js'

/** Everything a planner may look at: what was declared and what was observed, at one moment. */
export type World = {
  readonly stack: DeclaredStack
  readonly observed: ObservedStack
  /** For what looks at everything of the project; undefined: the stack is alone. */
  readonly neighbours?: Neighbours
  /** By service: the file that nobody has put its settings into, because of which it ends. */
  readonly unconfigured?: ReadonlyMap<string, string>
  /** What is at the paths that a first start needs; undefined: nothing starts for the first time. */
  readonly host?: Host
}

type Limits = {
  /** Seconds a service may take to become healthy. */
  readonly healthy: number
}

/** How services are brought to a new image. */
export type Renewal = {
  /** In names of ours: no two updates have the same. */
  readonly op: string
  /** By service: the reference that its declared one is to become. */
  readonly references: ReadonlyMap<string, string>
  /** By service: digests that it was rolled back from, and that are not tried again. */
  readonly rejected: ReadonlyMap<string, ReadonlySet<string>>
  readonly treatment: (service: string) => RenewalRules
  /** How many old images of a service are kept. */
  readonly keep: number
}

/** Times in seconds. */
export type RenewalRules = {
  /** That one without a health check has to run without a restart. */
  readonly running: number
  /** That a healthy one has to stay so. */
  readonly steady: number
  readonly probe: string | undefined
  readonly probeLimit: number
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly hookLimit: number
  /** Folders of this machine that are copied while the service is stopped, and the folder that holds their copies. */
  readonly folders: readonly string[]
  readonly backup: string
  /** What was to be copied and is not, and why: in words. */
  readonly notCopied?: readonly string[]
}

/** What the operator asked for. */
export type Intent = {
  /** Empty: the whole stack. */
  readonly services: readonly string[]
  readonly limits: Limits
  /** Recreate what would be left alone. */
  readonly force?: boolean
  /** For `down`: remove also what no Compose file of the homelab declares. */
  readonly orphans?: boolean
  /** Do not wait until what was started is healthy. */
  readonly noWait?: boolean
  /** References that were pulled a moment ago: their registry is not asked again. */
  readonly pulled?: ReadonlySet<string>
  /** Downloads and library, below the media folder: made at a first start. */
  readonly library?: readonly string[]
  /** In names of ours: no two operations have the same. Without it no image is kept. */
  readonly op?: string
  /** For `update`. */
  readonly renewal?: Renewal
}

/** `unknown`: it may not be looked at, or does not answer. */
export type Place = 'missing' | 'empty' | 'there' | 'unknown'

/** What is at paths of this machine; or the name of the other machine that Docker runs on, where we cannot look. */
export type Host = {readonly places: ReadonlyMap<string, Place>} | {readonly elsewhere: string}
