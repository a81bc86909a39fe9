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
