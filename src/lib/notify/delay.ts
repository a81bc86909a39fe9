import type {Notification} from '../model/notification.js'
import {cut, jsonBytes, MESSAGE_BYTES} from './cut.js'

const WORTH_SAYING_MS = 120_000

/** A message that arrives late says so at its end; on a phone it looks as if it happened now. */
export function withDelay(notification: Notification, now: Date): Notification {
  const happened = new Date(notification.at)
  if (now.getTime() - happened.getTime() <= WORTH_SAYING_MS) return notification
  const note = `\n(delayed: happened at ${happened.toISOString().slice(0, 16).replace('T', ' ')} UTC)`
  return {...notification, message: `${cut(notification.message, MESSAGE_BYTES - jsonBytes(note))}${note}`}
}
