import type {Notification} from '../model/notification.js'

/** Reads what the outbox wrote; undefined if it is anything else: half a file, or another program's. */
export function storedNotification(text: string): Notification | undefined {
  const stored = parse(text)
  if (stored === undefined) return undefined
  const {title, message, tags, priority, at} = stored
  if (typeof title !== 'string' || typeof message !== 'string' || typeof at !== 'string') return undefined
  if (!isPriority(priority) || !isTags(tags) || Number.isNaN(Date.parse(at))) return undefined
  return {title, message, tags, priority, at}
}

function parse(text: string): Partial<Record<keyof Notification, unknown>> | undefined {
  try {
    return (JSON.parse(text) as object | null) ?? undefined
  } catch {
    return undefined
  }
}

const isPriority = (value: unknown): value is Notification['priority'] => [1, 2, 3, 4, 5].some((priority) => priority === value)

const isTags = (value: unknown): value is string[] => Array.isArray(value) && value.every((tag) => typeof tag === 'string')
