import type {CascadeMemory} from '../../model/cascade.js'
import {settle} from '../../plan/cascade/settle.js'
import {apply} from '../apply.js'
import {recorder, type Recorder} from '../recorder.js'
import type {Consideration} from './consider.js'
import type {CascadeJob} from './hands.js'
import type {Pass} from './pass.js'
import {recording} from '../recording.js'
import {tellFailed, tellGateway, tellLoop} from './tell.js'

/** Writes down what was decided, then does it. The caller holds the stack's lock. */
export async function repair(seen: Consideration, job: CascadeJob): Promise<Pass> {
  const {decision} = seen
  if (decision.phase === 'loop') await tellLoop(seen, job)
  const book = await begin(seen, job)
  if (seen.changed) await write(decision.memory, job)
  const {episode} = decision.memory
  if (episode !== undefined && decision.phase === 'gateway' && decision.recheckMs === 0)
    await write(await tellGateway(seen, episode, job), job)
  return decision.phase === 'repair' ? carryOut(seen, book, job) : {decision, outcomes: [], failed: false}
}

const write = (memory: CascadeMemory, {order, hands}: CascadeJob): Promise<void> => hands.memory.write(order.stack.project, memory)

/** A new operation is written down as begun. */
async function begin({decision, remembered}: Consideration, {order, hands}: CascadeJob): Promise<Recorder> {
  const {episode} = decision.memory
  const book = recorder(hands.journal, {op: episode?.op ?? '', now: hands.now})
  if (episode !== undefined && remembered.episode?.op !== episode.op)
    await book.began({stack: order.stack.name, verb: 'cascade', by: order.by, trigger: episode.trigger})
  return book
}

async function carryOut({decision, remembered}: Consideration, book: Recorder, job: CascadeJob): Promise<Pass> {
  const {order, hands, reporter, signal} = job
  await book.planned(decision.plan)
  const own = recording(reporter, book)
  reporter.planned(decision.plan)
  const outcomes = await apply(decision.plan, order.stack, hands, own.reporter, signal)
  await own.written()
  const settled = settle(decision.memory, remembered.episode, outcomes, order.rules, hands.now())
  if (settled.exhausted) await tellFailed(settled.memory, outcomes, job)
  await write(settled.memory, job)
  return {decision, outcomes, failed: settled.failed}
}
