import type {Snapshot} from './update.js'

/**
 * What became of a service's update. `done`: the new image runs. `current`: it ran before. `kept`: it failed before the
 * new image ran, and the old one runs. `rolled-back`: the new one ran and did not pass; the old one runs again.
 * `stranded`: the way back failed, too.
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
  /** The last lines that the new version wrote, without secrets. */
  readonly log?: readonly string[]
}
