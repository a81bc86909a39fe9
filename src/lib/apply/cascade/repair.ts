import type {CascadeMemory} from '../../model/cascade.js'
import {settle} from '../../plan/cascade/settle.js'
import {apply} from '../apply.js'
import {recorder} from '../recorder.js'
import type {Consideration} from './consider.js'
import type {CascadeJob} from './hands.js'
import type {Pass} from './pass.js'
import {recording} from './recording.js'
import {tellFailed, tellGateway, tellLoop} from './tell.js'

/** Writes down what was decided, then does it. The caller holds the stack's lock. */
export async function repair(seen: Consideration, job: CascadeJob): Promise<Pass> {
  const {decision, remembered} = seen
  const {order, hands} = job
  const write = (memory: CascadeMemory): Promise<void> => hands.memory.write(order.stack.project, memory)
  if (decision.phase === 'loop') await tellLoop(seen, job)
  const {episode} = decision.memory
  const isNew = episode !== undefined && remembered.episode?.op !== episode.op
  const book = recorder(hands.journal, {op: episode?.op ?? '', now: hands.now})
  if (isNew) await book.began({stack: order.stack.name, verb: 'cascade', by: order.by, trigger: episode.trigger})
  if (seen.changed) await write(decision.memory)
  if (episode !== undefined && decision.phase === 'gateway' && decision.recheckMs === 0) await write(await tellGateway(seen, episode, job))
  if (decision.phase !== 'repair') return {decision, outcomes: []}
  await book.planned(decision.plan)
  const own = recording(job.reporter, book)
  job.reporter.planned(decision.plan)
  const outcomes = await apply(decision.plan, order.stack, hands, own.reporter, job.signal)
  await own.written()
  const settled = settle(decision.memory, outcomes, order.rules, hands.now())
  if (settled.exhausted) await tellFailed(settled.memory, outcomes, job)
  await write(settled.memory)
  return {decision, outcomes}
}
