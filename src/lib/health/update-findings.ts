import type {Finding} from '../model/finding.js'
import {isOpen, type Job, type Rejected} from '../model/update.js'

type Updates = {
  readonly jobs: readonly Job[]
  readonly rejected: readonly Rejected[]
  readonly paused: {readonly since: number; readonly until?: number} | undefined
}

type Words = {readonly now: number; readonly age: (milliseconds: number) => string}

const named = ({stack, service}: {stack: string; service: string}): string => `${stack}/${service}`

/** Updates that wait, failed, or were taken back. Pure. They run well without them, so none of it is a failure of the homelab, but one. */
export function updateFindings({jobs, rejected, paused}: Updates, {now, age}: Words): Finding[] {
  const check = 'updates'
  const lastly = new Map(jobs.filter(({state}) => state !== 'superseded').map((job) => [named(job), job]))
  const failed = [...lastly.values()].filter(({state}) => state === 'failed')
  const held = [...new Set(jobs.filter((job) => isOpen(job) && job.state === 'queued').map(named))]
  return [
    ...(failed.length > 0
      ? [{is: 'bad' as const, check, says: `failed: ${failed.map(named).join(', ')}`, next: ['homelab history', 'homelab updates']}]
      : []),
    ...(rejected.length > 0
      ? [{is: 'warn' as const, check, says: `rolled back: ${[...new Set(rejected.map(named))].join(', ')}`, next: ['homelab updates']}]
      : []),
    ...(held.length > 0 ? [{is: 'warn' as const, check, says: `waiting: ${held.join(', ')}`, next: ['homelab updates']}] : []),
    ...(paused
      ? [{is: 'warn' as const, check, says: `paused since ${age(Math.max(0, now - paused.since))}`, next: ['homelab updates resume']}]
      : []),
    ...(failed.length + rejected.length + held.length === 0 && !paused
      ? [{is: 'good' as const, check, says: 'none waits, none failed, none was rolled back'}]
      : []),
  ]
}
