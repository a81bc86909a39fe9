import type {Notification} from '../model/notification.js'

/**
 * Why a message is still here. `retry`: the network or the server is not well. `refused`: the server answers, and does
 * not want it until somebody mends the settings. `why`, for people, holds neither topic nor token.
 */
export type Failure =
  | {readonly is: 'retry'; readonly why: string; /** What the server asks to wait, milliseconds. */ readonly afterMs?: number}
  | {readonly is: 'refused'; readonly why: string}

export type PublishResult = {readonly is: 'delivered'} | Failure

/** Sends one notification; never throws. A signal that fires makes it a `retry`. */
export type Publish = (notification: Notification, signal: AbortSignal) => Promise<PublishResult>
