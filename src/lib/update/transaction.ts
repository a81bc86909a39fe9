import type {PlannedUpdate} from '../stack/run.js'
import {stepsOf} from '../model/plan.js'
import type {Snapshot, Transaction} from '../model/update.js'
import {companyOf, snapshots, sourceOf} from './snapshot.js'
import type {Hands, Work} from '../stack/step-handlers.js'
import {settle} from './finish.js'
import type {Performed, Settled} from '../stack/result.js'

/**
 * Runs an update so that each service ends with its new image, proven well, or with the old one. What is needed to go
 * back is on disk before the first step; a kill in the middle is brought to an end by `resumeTransaction`. The caller holds
 * the stack's lock.
 */
export async function inTransaction(planned: PlannedUpdate, work: Work, run: () => Promise<Performed>): Promise<Settled> {
  const {hands, signal} = work
  const {stack, intent} = planned
  const transaction = await begin(planned, work)
  if (transaction === undefined) return {...(await run()), updates: []}
  await hands.books.transactions.write(stack.project, transaction)
  const done = await run()
  // Left as it is, and so is its transaction: whoever comes next brings it to an end.
  if (signal.aborted) return {...done, updates: []}
  return settle({stack, transaction, intent}, done, work)
}

/** undefined: it changes no image of a service that runs. */
async function begin({stack, world, plan, intent, trigger}: PlannedUpdate, {hands, signal}: Work): Promise<Transaction | undefined> {
  const concerned = new Set(stepsOf(plan).flatMap(({action, target}) => (action === 'pull' || action === 'keep' ? [target] : [])))
  if (concerned.size === 0) return undefined
  const pins = await hands.books.pins.read(stack.name)
  const taken = snapshots({stack, observed: world.observed}, [...concerned], pins, intent.renewal)
  if (taken.length === 0) return undefined
  const services = await Promise.all(taken.map((one) => fullyKnown(one, hands, signal)))
  const company = companyOf(world, [...concerned])
  return {op: intent.renewal.op, stack: stack.name, startedAt: hands.now(), trigger, phase: 'changing', services, company}
}

/** What was observed may be another image: the new tag's, or what the present one names by now. */
async function fullyKnown(snapshot: Snapshot, {engine}: Hands, signal: AbortSignal): Promise<Snapshot> {
  const {from} = snapshot
  if (from.source !== undefined) return snapshot
  const image = await engine.image(from.imageId, signal)
  if (image === undefined) return snapshot
  return {...snapshot, from: {...from, version: from.version ?? image.version, source: sourceOf(from.reference, image.digests)}}
}
