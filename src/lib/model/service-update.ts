import type {Snapshot} from './update.js'

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
