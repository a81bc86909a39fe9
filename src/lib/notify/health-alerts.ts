import {elapsed} from '../model/clock.js'
import {count} from '../model/count.js'
import type {Trouble} from '../model/health.js'
import type {Notification} from '../model/notification.js'
import type {HealthChanges} from '../plan/health-changes.js'

/** What the operator's phone is told when the health changes; undefined: it has not. @param now Epoch milliseconds. */
export function healthAlert({begun, worse, over, troubles}: HealthChanges, now: number): Notification | undefined {
  if (begun.length + worse.length + over.length === 0) return undefined
  const left = troubles.length
  const dangers = begun.filter(({danger}) => danger !== undefined)
  const lines = [
    ...[...dangers, ...begun.filter(({danger}) => danger === undefined)].map((trouble) => `- ${named(trouble)}: ${trouble.says}`),
    ...worse.map((trouble) => `- worse: ${named(trouble)}: ${trouble.says}`),
    ...over.map((trouble) => `- recovered: ${named(trouble)}, after ${span(elapsed(trouble.since, now))}`),
    ...(left > begun.length + worse.length ? [`Wrong in all: ${troubles.map(named).join(', ')}`] : []),
    ...(left > 0 ? ['Next: homelab health --quiet'] : []),
  ]
  const bad = begun.length + worse.length > 0
  const title =
    dangers.length > 0
      ? 'Homelab: traffic may bypass the VPN'
      : bad
        ? `Homelab: ${count(begun.length + worse.length, 'new problem')}`
        : left > 0
          ? 'Homelab: something recovered'
          : 'Homelab: all is well again'
  return {
    title,
    message: lines.join('\n'),
    tags: [bad ? 'rotating_light' : 'white_check_mark'],
    priority: dangers.length > 0 ? 5 : bad ? 4 : 3,
    at: new Date(now).toISOString(),
  }
}

const named = ({area, subject, danger}: Trouble): string =>
  `${area === 'host' ? subject : `${area}/${subject}`}${danger === undefined || danger === subject ? '' : ` (${danger})`}`

function span(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000)
  if (minutes < 1) return 'less than a minute'
  return minutes < 120 ? count(minutes, 'minute') : count(Math.round(minutes / 60), 'hour')
}
