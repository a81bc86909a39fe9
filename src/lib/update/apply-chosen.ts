import {carryOut} from './run.js'
import type {StackReport} from './run-all.js'
import type {Reporter} from '../model/plan.js'
import {repositoryOf} from '../model/image.js'
import type {Log} from '../model/log.js'
import {OperatorError} from '../util/errors.js'
import type {Job, ServiceOverview} from '../model/update.js'
import {renewalFor} from './plan-image-change.js'
import {workOff} from './queue/work.js'
import type {Overview} from './overview.js'
import type {StackResult} from '../stack/result.js'

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
  const mine = await jobsFor(chosen, seen)
  let result: StackResult | undefined
  let failure: unknown
  const update = async (due: readonly Job[], op: string, signal: AbortSignal): Promise<StackResult> => {
    const references = new Map(
      due.flatMap(({service, change}) => {
        const image = stack.services.get(service)?.image
        return change.kind === 'tag' && image !== undefined ? [[service, `${repositoryOf(image)}:${change.tag}`] as const] : []
      }),
    )
    const renewal = renewalFor({setting, hands, folder: options.folder, retry: false, watched: true, references, op})
    const intent = {services: due.map(({service}) => service), limits: {healthy: options.healthy}}
    try {
      const by = {is: 'command', trigger: `homelab updates apply ${intent.services.join(' ')}`} as const
      result = await carryOut(
        {files: stack, verb: 'update', all: setting.stacks, dryRun: false, intent, renewal, by},
        hands,
        reporter,
        signal,
      )
      return result
    } catch (error) {
      failure = error
      throw error
    }
  }
  await workOff(mine, {jobs, log: quiet, now: hands.now, newOperation: hands.newOperation, update}, options.signal)
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
