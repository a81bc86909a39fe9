import {expect, it} from 'vitest'
import {judged} from '../../../src/lib/health/host.js'

it.each([
  ['NTPSynchronized=yes\nCanNTP=yes\n', {is: 'good'}],
  ['CanNTP=yes\nNTPSynchronized=no\n', {is: 'bad', next: ['sudo timedatectl set-ntp true', 'timedatectl status']}],
  // Debian 12 without a time service refuses set-ntp: "NTP not supported".
  ['CanNTP=no\nNTPSynchronized=no\n', {is: 'bad', next: ['sudo apt-get install systemd-timesyncd', 'timedatectl status']}],
  ['NTPSynchronized=no\n', {is: 'bad', next: ['sudo timedatectl set-ntp true', 'timedatectl status']}],
  ['', {is: 'unknown', optional: true}],
])('timedatectl that shows %j', (shown, finding) => {
  expect(judged(shown)).toMatchObject(finding)
})
