import type {Finding} from '../model/finding.js'
import {limited} from '../time/limited.js'

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
