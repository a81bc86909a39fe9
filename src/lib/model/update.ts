/** What is newer than what a service runs. `digest`: its declared tag names another image by now. `tag`: the declared tag has to change. */
export type Change =
  | {
      readonly kind: 'digest'
      /** The manifest digest that the tag names now, if it is known. */
      readonly digest: string | undefined
    }
  | {readonly kind: 'tag'; readonly tag: string; readonly digest?: string}

/** Why a job was made. */
export type JobOrigin = 'wud' | 'script' | 'catch-up' | 'operator'

/**
 * - `queued`: waits for its turn, or is held back.
 * - `running`: its transaction is under way.
 * - `done`: the new image runs, healthy. `current`: it ran already. `rolled-back`: the old one runs.
 * - `failed`: nobody knows that it runs well. `superseded`: a newer job for the same service took its place.
 * - `rejected`: it was rolled back before, and was not tried again. `dropped`: its service is gone.
 */
export type JobState = 'queued' | 'running' | 'done' | 'current' | 'rolled-back' | 'failed' | 'superseded' | 'rejected' | 'dropped'

/** One accepted update of one service. Holds no secret. Times are epoch milliseconds. */
export type Job = {
  readonly id: string
  readonly stack: string
  readonly service: string
  /** The container's name, as it was announced. */
  readonly container: string
  readonly change: Change
  readonly origin: JobOrigin
  readonly acceptedAt: number
  /** When the new image was made, if whoever announced it knew. */
  readonly imageCreatedAt?: number
  readonly state: JobState
  /** How often its transaction was begun. */
  readonly attempts: number
  /** A person said that it is to be done whatever the policy holds back. */
  readonly approved?: true
  readonly endedAt?: number
  /** The operation in the journal. */
  readonly op?: string
  /** One sentence for people. */
  readonly summary?: string
  /** It waits for its operator, who has been told so. */
  readonly offered?: true
  /** The operator's phone has been told how it ended. */
  readonly told?: true
}

export const isOpen = ({state}: Pick<Job, 'state'>): boolean => state === 'queued' || state === 'running'

/** Which updates are applied without being asked: the kinds up to this one. `notify`: none, but tell; `never`: none, and do not tell. */
export type Policy = 'auto' | 'minor' | 'patch' | 'digest' | 'notify' | 'never'

export const POLICIES = ['auto', 'minor', 'patch', 'digest', 'notify', 'never'] as const satisfies readonly Policy[]

/** An image that ran as a service's new container, and that it was rolled back from. It is tried again when its tag names another digest. */
export type Rejected = {
  readonly stack: string
  readonly service: string
  /** With its tag. */
  readonly reference: string
  /** The manifest digest, as the registry names it; undefined: it had none. */
  readonly digest: string | undefined
  readonly imageId: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly reason: string
}

/** What is needed to bring one service back to what ran before its update. */
export type Snapshot = {
  readonly service: string
  /** The declared reference before and after; they differ if the tag was changed. */
  readonly from: {
    readonly reference: string
    readonly imageId: string
    readonly pin?: string | undefined
    readonly version?: string | undefined
    /** Its container. While this one is there, the new image has not run: it would have replaced it. */
    readonly container?: string
    /** "repository@digest": where it can be had again, if it gets lost. */
    readonly source?: string | undefined
  }
  readonly to: {readonly reference: string; readonly digest?: string | undefined; readonly pin?: string | undefined}
  /** Where the copies of these folders of this machine are, if it is copied. */
  readonly backup?: string
  readonly folders?: readonly string[]
}

/** What is told of a transaction that has not come to its end. */
export type OpenUpdate = {
  readonly services: readonly string[]
  /** In the words of who began it. */
  readonly trigger: string
  /** Epoch milliseconds. */
  readonly startedAt: number
  /** Towards the new images, or back to the old ones. */
  readonly phase: Transaction['phase']
  /** Who works on the stack now; undefined: nothing does, so it was interrupted. */
  readonly holder: string | undefined
}

/**
 * A transaction under way over services of one stack, on disk before anything is changed and removed at its end. What has
 * been reached is not written down: it can be seen.
 * - `changing`: towards the new images. `returning`: back to the old ones.
 */
export type Transaction = {
  readonly op: string
  readonly stack: string
  readonly startedAt: number
  readonly trigger: string
  readonly phase: 'changing' | 'returning'
  readonly services: readonly Snapshot[]
  /** Services that run behind them. */
  readonly company: readonly string[]
  /** By service, why it goes back. */
  readonly reasons?: Readonly<Record<string, string>>
  /** Of those that go back: whose new image really ran, and is rejected. */
  readonly ran?: readonly string[]
}

/**
 * What became of a service's update. `done`: the new image runs. `current`: it ran before. `kept`: it failed before the
 * new image ran, and the old one runs. `rolled-back`: the new one ran and did not pass; the old one runs again.
 * `stranded`: it does not run well on the old image, or not at all.
 */
export type ServiceUpdate = {
  readonly service: string
  readonly is: 'done' | 'current' | 'kept' | 'rolled-back' | 'stranded'
  readonly from: Snapshot['from']
  readonly to: {
    readonly reference: string
    readonly imageId?: string | undefined
    readonly digest?: string | undefined
    readonly version?: string | undefined
  }
  readonly reason?: string
  /** Of `stranded`: the new image never ran. */
  readonly untried?: true
  /** The last lines that the new version wrote, without secrets. */
  readonly log?: readonly string[]
}

/** What is the matter with one that is stranded, without its name and without a full stop. */
export const strandedText = ({untried}: Pick<ServiceUpdate, 'untried'>): string =>
  untried ? 'not updated, and it does not run well on the old image' : 'neither the new image nor the old one runs well'

/** What is known of the updates of one service. */
export type ServiceOverview = {
  readonly stack: string
  readonly service: string
  /** The declared reference, pins included. */
  readonly image: string
  /** The version that runs, by its maker's label; undefined: it does not run, or its image does not say. */
  readonly version: string | undefined
  /**
   * - `current`: nothing newer. `available`: something newer, that `homelab updates apply` or the watcher applies.
   * - `held`: something newer, that is held back. `rejected`: something newer, that it was rolled back from.
   * - `unknown`: the registry could not be asked.
   */
  readonly is: 'current' | 'available' | 'held' | 'rejected' | 'unknown'
  /** The newer tag, or the beginning of the newer digest. */
  readonly newer: string | undefined
  /** Why it is not simply current, for people. */
  readonly reason: string | undefined
  /** Its open job. */
  readonly job: string | undefined
}

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** What updates read and write beside Docker. All of it is on disk when a promise resolves. */
export type UpdateBooks = {
  readonly pins: {
    /** By service: the pinned reference. */
    read(stack: string): Promise<ReadonlyMap<string, string>>
    /** @param reference undefined takes the pin out. */
    write(stack: string, service: string, reference: string | undefined): Promise<void>
  }
  readonly transactions: {
    read(project: string): Promise<Transaction | undefined>
    write(project: string, transaction: Transaction): Promise<void>
    clear(project: string): Promise<void>
  }
  readonly rejected: {
    list(): Promise<readonly Rejected[]>
    add(rejected: Rejected): Promise<void>
  }
}
