import type {Finding} from '../model/finding.js'
import {isOpen, type Job, type Rejected} from '../model/update.js'
import {limited} from '../util/timeout.js'

/** What `homelab watch` says at /health. */
type Pulse = {
  readonly name: string
  readonly phase: string
  readonly ok: boolean
  readonly lastLookSeconds: number | null
  readonly trouble?: string
}

type Patience = {readonly signal: AbortSignal; readonly limit: number}

const START = ['sudo homelab systemd install', 'homelab systemd status']

/** Asks the watchers how they are. @param address undefined: they do not serve it. Never throws, but for a signal that fired. */
export async function watcherFindings(address: {host: string; port: number} | undefined, {signal, limit}: Patience): Promise<Finding[]> {
  const check = 'watch'
  if (address === undefined)
    return [{is: 'unknown', check, says: 'could not be checked: watch.listen is off in homelab.yml', optional: true}]
  const host = address.host === '0.0.0.0' ? '127.0.0.1' : address.host === '::' ? '[::1]' : address.host
  const url = `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${address.port}/health`
  try {
    const pulses = await limited(signal, limit, async (either) => pulsesOf(await (await fetch(url, {signal: either})).json()))
    if (pulses === undefined) return [{is: 'bad', check, says: `something else than homelab watch answers at ${url}`, next: START}]
    return pulses.length === 0 ? [{is: 'bad', check, says: 'no watcher runs', next: START}] : pulses.map(ofPulse)
  } catch (error) {
    signal.throwIfAborted()
    const says = `homelab watch does not answer at ${url}: nothing repairs the homelab while nobody looks`
    return [{is: 'bad', check, says, next: START, ...((error as Error).name === 'AbortError' && {late: true})}]
  }
}

function ofPulse({name, phase, ok, lastLookSeconds, trouble}: Pulse): Finding {
  const last = lastLookSeconds === null ? 'it has not looked yet' : `looked ${Math.round(lastLookSeconds)} s ago`
  if (ok) return {is: 'good', check: name, says: `${phase}, ${last}`}
  return {
    is: 'bad',
    check: name,
    says: `${trouble ?? phase}; ${last}`,
    next: ['sudo journalctl -u homelab-watch -n 50', 'homelab systemd status'],
  }
}

function pulsesOf(answer: unknown): Pulse[] | undefined {
  const {watchers} = (answer ?? {}) as {watchers?: unknown}
  if (!Array.isArray(watchers)) return undefined
  return watchers.every(isPulse) ? watchers : undefined
}

const isPulse = (value: unknown): value is Pulse =>
  typeof value === 'object' && value !== null && 'name' in value && 'phase' in value && 'ok' in value && 'lastLookSeconds' in value

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
