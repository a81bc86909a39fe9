import type {Finding} from '../model/finding.js'

/** Disks, folders, the clock and ports are looked at where we run: of another machine nothing is said by that. Pure. */
export function machineFindings(docker: string, ours: string): Finding[] {
  if (docker === ours) return []
  return [
    {
      is: 'unknown',
      check: 'machine',
      says: `Docker runs on ${docker}, and this is ${ours}: disks, folders, time and ports were looked at here, not there`,
      next: [`Run it on ${docker}, as by ssh`],
    },
  ]
}
