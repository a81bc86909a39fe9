import type {StackReport} from './run.js'
import type {Reporter} from '../model/plan.js'
import type {Log} from '../model/log.js'
import {OperatorError} from '../util/errors.js'
import type {Job, ServiceOverview} from '../model/update.js'
import {runJobs} from './queue/run-jobs.js'
import type {Overview} from './overview.js'

type ApplyOptions = {
  /** The state folder. */
  readonly folder: string
  /** Seconds for a service to become healthy. */
  readonly healthy: number
  readonly reporter: (stack: string) => Reporter
  readonly signal: AbortSignal
}

const quiet: Log = {info: () => undefined, warn: () => undefined, error: () => undefined}

/** Applies what a person chose, whatever holds it back: the jobs of the queue that are about it end with it. Stacks side by side. */
export async function applyUpdates(chosen: readonly ServiceOverview[], seen: Overview, options: ApplyOptions): Promise<StackReport[]> {
  const stacks = [...new Set(chosen.map(({stack}) => stack))]
  return Promise.all(
    stacks.map((stack) =>
      applyTo(
        stack,
        chosen.filter((one) => one.stack === stack),
        seen,
        options,
      ),
    ),
  )
}

async function applyTo(name: string, chosen: readonly ServiceOverview[], seen: Overview, options: ApplyOptions): Promise<StackReport> {
  const {hands, jobs, stacks, setting} = seen
  const reporter = options.reporter(name)
  const stack = stacks.find((one) => one.name === name)
  if (stack === undefined) throw new Error(`no stack ${name}`)
  const {folder, healthy, signal} = options
  const by = (due: readonly Job[]) =>
    ({is: 'command', trigger: `homelab updates apply ${due.map(({service}) => service).join(' ')}`}) as const
  const run = {stack, hands, setting, folder, jobs, log: quiet, reporter, watched: true, healthy, by}
  const {result, failure} = await runJobs(await jobsFor(chosen, seen), run, signal)
  reporter.closed(failure instanceof Error ? failure : undefined)
  if (result !== undefined) return {stack: name, result}
  if (failure instanceof OperatorError) return {stack: name, error: failure}
  throw failure
}

/** The queue's own jobs, and new ones for what nobody announced. They are on disk as approved, and told by us. */
async function jobsFor(chosen: readonly ServiceOverview[], {jobs, hands}: Overview): Promise<Job[]> {
  const all = await jobs.all()
  const fresh: Job[] = []
  const mine = chosen.map(({stack, service, job}): Job => {
    const known = all.find(({id}) => id === job)
    if (known !== undefined) return known
    const born: Job = {
      id: hands.newOperation(),
      stack,
      service,
      container: service,
      change: {kind: 'digest', digest: undefined},
      origin: 'operator',
      acceptedAt: hands.now(),
      state: 'running',
      attempts: 0,
      approved: true,
      told: true,
    }
    fresh.push(born)
    return born
  })
  await jobs.add(fresh)
  await Promise.all(mine.filter((job) => !fresh.includes(job)).map(({id}) => jobs.change(id, {approved: true, told: true})))
  return mine
}
