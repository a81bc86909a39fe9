import type {Job} from '../../model/update.js'
import type {Pulse} from '../heartbeat.js'

/** A figure for Prometheus. */
export type Sample = {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly values: readonly {readonly labels?: Readonly<Record<string, string>>; readonly value: number}[]
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export const prometheus = (samples: readonly Sample[]): string =>
  samples
    .flatMap(({name, help, type, values}) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...values.map(({labels = {}, value}) => `${name}${labelText(labels)} ${value}`),
    ])
    .map((line) => `${line}\n`)
    .join('')

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll(/[\\"\n]/g, (one) => (one === '\n' ? '\\n' : `\\${one}`))}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** What Prometheus is told of the updates. `now`: as the pulse's own clock says. @param requests Answers so far, by status. */
export function updateSamples(jobs: readonly Job[], {lookedAt}: Pulse, requests: ReadonlyMap<number, number>, now: number): Sample[] {
  const states = new Map<string, number>()
  for (const {state} of jobs) states.set(state, (states.get(state) ?? 0) + 1)
  return [
    {
      name: 'homelab_updates_requests_total',
      help: 'Requests by the status of their answer.',
      type: 'counter',
      values: [...requests].map(([status, value]) => ({labels: {status: String(status)}, value})),
    },
    {
      name: 'homelab_updates_jobs',
      help: 'Jobs that are known, by state.',
      type: 'gauge',
      values: [...states].map(([state, value]) => ({labels: {state}, value})),
    },
    {
      name: 'homelab_updates_last_look_seconds',
      help: 'Since the queue was last looked at.',
      type: 'gauge',
      values: lookedAt === undefined ? [] : [{value: (now - lookedAt) / 1000}],
    },
  ]
}
