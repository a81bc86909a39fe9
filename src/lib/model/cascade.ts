/** A service that we took down for a time and have to bring back; written down before it is touched. */
export type Parked = {
  readonly service: string
  /** Why, for people. */
  readonly reason: string
  /** Epoch milliseconds. */
  readonly since: number
}

/** One repair, from the first sign of trouble to the proof that all is whole: one operation of the journal. */
export type Episode = {
  readonly op: string
  /** Epoch milliseconds. */
  readonly startedAt: number
  readonly trigger: string
  /** The starts of the gateways that the last plan was made for; another one is another situation. */
  readonly situation: string
  /** Failed attempts in this situation, and when the last one ended, epoch milliseconds. */
  readonly attempts: number
  readonly lastAttemptAt: number
  /** The situation in which dependents were brought back last. */
  readonly broughtBackIn?: string
  /** Services that we took down or brought back. */
  readonly services: readonly string[]
  /** Told already: that the gateway does not get healthy, or that the repair failed. */
  readonly alerted?: 'gateway' | 'failed'
}

export type CascadeMemory = {
  readonly parked: readonly Parked[]
  /** Container ids of gateways and dependents that were up at the last look, without those that a person stopped since. */
  readonly ran: readonly string[]
  readonly episode?: Episode
  /** When the last cascades began, epoch milliseconds; for the limit of so many an hour. */
  readonly cascades: readonly number[]
  /** No cascade before this, epoch milliseconds: they are in a restart loop. */
  readonly pausedUntil?: number
}

export const NOTHING_REMEMBERED: CascadeMemory = {parked: [], ran: [], cascades: []}

/** The owner's limits; seconds. homelab.example.yml explains them. */
export type CascadeRules = {
  readonly gateway: number
  readonly verify: number
  readonly attempts: number
  readonly backoff: number
  readonly perHour: number
  readonly pause: number
  readonly debounce: number
}

/** What cascades remember, a file a project. Written only by who holds the stack's lock. */
export interface MemoryStore {
  read(project: string): Promise<CascadeMemory>
  /** On disk when it returns. */
  write(project: string, memory: CascadeMemory): Promise<void>
}
