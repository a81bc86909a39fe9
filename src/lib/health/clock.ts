import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import type {Finding} from '../model/finding.js'

type Patience = {readonly signal: AbortSignal; readonly limit: number}

/** Whether this machine's time is kept by others: what timedatectl reads from the kernel, whoever keeps it. */
export async function clockFinding({signal, limit}: Patience): Promise<Finding> {
  try {
    const {stdout} = await promisify(execFile)('timedatectl', ['show', '--property=NTPSynchronized', '--property=CanNTP'], {
      timeout: limit,
      signal,
    })
    return judged(stdout)
  } catch {
    signal.throwIfAborted()
    return judged('')
  }
}

const AFTER = 'timedatectl status'

/** @param shown "NTPSynchronized=no", "CanNTP=yes": a property a line. CanNTP: a program is installed that keeps the time. */
export function judged(shown: string): Finding {
  const check = 'time'
  const said = (property: string): string | undefined => new RegExp(`^${property}=(\\w+)$`, 'm').exec(shown)?.[1]
  switch (said('NTPSynchronized')) {
    case 'yes':
      return {is: 'good', check, says: 'in sync with a time server'}
    case 'no':
      return {
        is: 'bad',
        check,
        says: 'not in sync with any time server: certificates, trackers and schedules depend on it',
        next: [said('CanNTP') === 'no' ? 'sudo apt-get install systemd-timesyncd' : 'sudo timedatectl set-ntp true', AFTER],
      }
    default:
      return {is: 'unknown', check, says: 'could not be checked: timedatectl, of systemd, does not answer', optional: true}
  }
}
