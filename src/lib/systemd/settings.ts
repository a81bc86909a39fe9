export const UNIT = 'homelab-watch.service'

export const ROOT = 'root'

/** What a unit is made of. All paths are absolute. */
export type UnitSettings = {
  /** The Node that runs `program`, which is homelab's own entry. */
  readonly node: string
  readonly program: string
  /** The folder of the homelab. */
  readonly home: string
  /** Its configuration file, if that is not the one in `home`. */
  readonly config?: string | undefined
  /** Where homelab keeps its state, if not where it does by itself. */
  readonly state?: string | undefined
  /** The Docker context to work on, if not the configured one. */
  readonly context?: string | undefined
  readonly user: string
  /** Folders that it writes, beside its state. */
  readonly writable: readonly string[]
  /** Seconds. */
  readonly stopSeconds: number
}
