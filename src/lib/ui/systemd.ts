import type {ChalkInstance} from 'chalk'
import type {SystemdStatus} from '../systemd/status.js'
import {count, age} from '../util/text.js'

/** How the watcher's unit is, and what to type if it is not as it should be. `now` in ms. */
export function systemdStatusText(status: SystemdStatus, now: number, colours: ChalkInstance): string[] {
  const name = colours.bold(status.unit)
  if (!status.installed && status.active !== 'active')
    return [`${colours.red('✗')} ${name} is not installed`, '  Install it: sudo homelab systemd install']
  const mark = status.active === 'active' ? colours.green('✓') : colours.red('✗')
  const since = status.since === undefined ? '' : ` for ${age(Math.max(0, now - Date.parse(status.since)))}`
  return [
    `${mark} ${name}: ${status.active} (${status.sub})${since}${running(status)}`,
    ...(status.says === '' ? [] : [`  ${status.says}`]),
    ...troubles(status, colours),
    colours.dim(`  ${status.file}`),
  ]
}

const running = ({mainPid, restarts}: SystemdStatus): string =>
  `${mainPid === 0 ? '' : `, pid ${mainPid}`}${restarts === 0 ? '' : `, ${count(restarts, 'restart')} by systemd`}`

function troubles(status: SystemdStatus, colours: ChalkInstance): string[] {
  const ended = status.result === 'success' || status.result === '' ? [] : [`ended last with ${status.result} (${status.exitStatus})`]
  return [
    ...(status.active === 'active' ? [] : [...ended, `See why: journalctl -u ${status.unit} -n 50`]),
    ...(status.enabled ? [] : ['does not start with the machine: sudo homelab systemd install']),
    ...(status.installed ? [] : ['its file is gone: sudo homelab systemd install']),
    ...(status.current || !status.installed ? [] : ['differs from what would be written now: sudo homelab systemd install']),
    ...status.differences.map((line) => `  ${line}`),
  ].map((line) => colours.yellow(`  ${line}`))
}
