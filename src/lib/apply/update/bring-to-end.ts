import {elapsed} from '../../model/clock.js'
import type {DeclaredStack} from '../../model/declared.js'
import type {ServiceUpdate} from '../../model/service-update.js'
import type {Intent} from '../../plan/world.js'
import {unparkRunning} from '../parking.js'
import {recorder} from '../recorder.js'
import {recording} from '../recording.js'
import {resumeTransaction} from './resume.js'
import type {Settled, Work} from './transaction.js'

/**
 * As `resumeTransaction`, and writes it down: the operation that was left in the middle goes on in the journal, and ends.
 * @throws OperatorError (78) if what was written down cannot be read.
 */
export async function bringToEnd(stack: DeclaredStack, intent: Intent, work: Work): Promise<Settled | undefined> {
  const {hands, reporter, signal} = work
  const left = await hands.books.transactions.read(stack.project)
  if (left === undefined) return undefined
  const book = recorder(hands.journal, {op: left.op, now: hands.now})
  const own = recording(reporter, book)
  const settled = await resumeTransaction(stack, intent, {...work, reporter: own.reporter})
  await own.written()
  if (settled === undefined || signal.aborted) return settled
  await unparkRunning(stack, hands, signal)
  const seconds = elapsed(left.startedAt, hands.now()) / 1000
  await book.ended({result: resultOf(settled.updates), summary: summaryOf(settled.updates), seconds})
  return settled
}

const resultOf = (updates: readonly ServiceUpdate[]): 'done' | 'failed' | 'rolled-back' => {
  if (updates.some(({is}) => is === 'stranded')) return 'failed'
  return updates.some(({is}) => is === 'rolled-back' || is === 'kept') ? 'rolled-back' : 'done'
}

const WORDS: Readonly<Record<ServiceUpdate['is'], string>> = {
  done: 'runs its new image',
  current: 'runs its new image',
  kept: 'runs its old image',
  'rolled-back': 'went back to its old image',
  stranded: 'does not run well',
}

const summaryOf = (updates: readonly ServiceUpdate[]): string =>
  `it was left in the middle, and was brought to an end: ${updates.map(({service, is}) => `${service} ${WORDS[is]}`).join(', ')}`
