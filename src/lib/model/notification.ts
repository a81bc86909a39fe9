/** A message to the operator's phone. Holds no secret. */
export type Notification = {
  readonly title: string
  readonly message: string
  /** ntfy's short codes, the first ones become the emoji before the title: https://docs.ntfy.sh/emojis/ */
  readonly tags: readonly string[]
  /** ntfy's: 1 (min) to 5 (max); 3 is the default. */
  readonly priority: 1 | 2 | 3 | 4 | 5
  /** When it happened, ISO 8601: a message may be delivered hours later. */
  readonly at: string
}

/** Takes a notification; it is on disk when `post` returns, and delivered when the network allows. */
export interface Notifier {
  post(notification: Notification): Promise<void>
}
