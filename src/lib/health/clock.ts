import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import type {Finding} from '../model/finding.js'

type Patience = {readonly signal: AbortSignal; readonly limit: number}

/** Whether this machine's time is kept by others: what timedatectl reads from the kernel, whoever keeps it. */
export async function clockFinding({signal, limit}: Patience): Promise<Finding> {
  try {
    const {stdout} = await promisify(execFile)('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {timeout: limit, signal})
    return judged(stdout.trim())
  } catch {
    signal.throwIfAborted()
    return judged(undefined)
  }
}

/** @param said "yes", "no"; undefined: nobody could be asked. */
export function judged(said: string | undefined): Finding {
  const check = 'time'
  if (said === 'yes') return {is: 'good', check, says: 'in sync with a time server'}
  if (said === 'no')
    return {
      is: 'bad',
      check,
      says: 'not in sync with any time server: certificates, trackers and schedules depend on it',
      next: ['sudo timedatectl set-ntp true', 'timedatectl status'],
    }
  return {is: 'unknown', check, says: 'could not be checked: timedatectl, of systemd, does not answer', optional: true}
}
