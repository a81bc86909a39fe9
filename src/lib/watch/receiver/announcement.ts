import type {Change} from '../../model/update.js'

/** What somebody posted of one container. */
export type Announcement = {
  /** `wud`: What's Up Docker's own object; `script`: the small form. */
  readonly form: 'wud' | 'script'
  readonly containerId?: string
  readonly name: string
  readonly labels?: {readonly project?: string; readonly service?: string}
  readonly change: Change
  /** Epoch milliseconds. */
  readonly imageCreatedAt?: number
  readonly updateAvailable: boolean
}

/** What became of one announcement. Part of the program's interface: fields are added, never renamed. */
export type Accepted = {
  readonly name: string
  /** "torrent/sonarr" */
  readonly service?: string
  /** The id of its job. */
  readonly job?: string
  readonly status: 'queued' | 'duplicate' | 'ignored' | 'unknown' | 'current' | 'rejected'
  readonly reason?: string
}
