import type {Policy} from './update.js'

/** A daily time in which updates may be applied. `from` and `to` are "HH:MM" of the wall clock in that time zone. */
export type Window = {
  readonly from: string
  readonly to: string
  /** On which it opens; undefined: every day. */
  readonly days?: readonly Weekday[] | undefined
  /** IANA name; undefined: this machine's. */
  readonly timezone?: string | undefined
}

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
type Weekday = (typeof WEEKDAYS)[number]

type Gate = {
  /** Seconds that a service without a health check has to run without a restart. */
  readonly running: number
  /** Seconds that a healthy one has to stay so, if nobody watches. */
  readonly healthyFor: number
}

/** How the updates of one service are treated. Times in seconds. */
export type UpdateRules = {
  readonly policy: Policy
  readonly window: Window | undefined
  readonly minAge: number
  readonly gate: Gate
  readonly probe: string | undefined
  readonly probeTimeout: number
  readonly backup: boolean
  /** Folders in the container. */
  readonly backupPaths: readonly string[]
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly hookTimeout: number
}

/** What the configuration says for all services, and for some by "stack/service". */
export type UpdateSettings = {
  readonly policy: Policy
  readonly window?: Window | undefined
  readonly minAge: number
  readonly gate: Gate
  readonly probeTimeout: number
  readonly backup: boolean
  readonly services: Readonly<Record<string, ServiceSettings>>
}

type ServiceSettings = {
  readonly [Key in 'policy' | 'window' | 'minAge' | 'probe' | 'backup' | 'backupPaths' | 'before' | 'after' | 'hookTimeout']?:
    UpdateRules[Key] | undefined
} & {readonly gate?: {readonly running?: number | undefined; readonly healthyFor?: number | undefined} | undefined}
