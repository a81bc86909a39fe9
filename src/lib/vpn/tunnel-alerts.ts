import type {Notification} from '../model/notification.js'
import {lastedText} from '../util/text.js'

/** What the operator's phone is told about a tunnel. `now`: epoch milliseconds; `lasted`: milliseconds. */

/** @param silence "nothing has come back through the tunnel for 34 s, 12 packets sent" */
export const deadAlert = (where: string, silence: string, now: number): Notification =>
  told(now, 5, 'rotating_light', 'VPN: nothing comes back through the tunnel', [
    `${where}: ${silence}.`,
    'What is behind it has no internet, and nothing leaves beside the tunnel. It is reconnected once, unless Gluetun is at it.',
    'Next: homelab vpn status',
  ])

export const aliveAlert = (where: string, lasted: number, now: number): Notification =>
  told(now, 3, 'white_check_mark', 'VPN: the tunnel works again', [`${where}: it works again, after ${lastedText(lasted)}.`])

export const portlessAlert = (where: string, lasted: number, now: number): Notification =>
  told(now, 4, 'warning', 'VPN: no port is forwarded', [
    `${where}: no port has been forwarded for ${lastedText(lasted)}, although VPN_PORT_FORWARDING is on: other peers cannot connect.`,
    'It is reconnected once, unless Gluetun is at it.',
    'Next: homelab vpn status',
  ])

export const portBackAlert = (where: string, lasted: number, now: number): Notification =>
  told(now, 3, 'white_check_mark', 'VPN: a port is forwarded again', [`${where}: after ${lastedText(lasted)} without one.`])

const told = (now: number, priority: Notification['priority'], tag: string, title: string, lines: readonly string[]): Notification => ({
  ...{title, message: lines.join('\n'), tags: [tag], priority, at: new Date(now).toISOString()},
})
