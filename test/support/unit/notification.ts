import type {Notification} from '../../../src/lib/model/notification.js'

/** When everything happens in these tests. */
export const NOON = new Date('2026-11-23T12:00:00.000Z')

export const notification = (message: string, more: Partial<Notification> = {}): Notification => ({
  title: 'torrent: brought back',
  message,
  tags: ['white_check_mark'],
  priority: 3,
  at: NOON.toISOString(),
  ...more,
})
