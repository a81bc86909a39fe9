import {renew} from '../../../src/lib/update/step-handlers.js'
import {carryOut} from '../../../src/lib/update/run.js'
import {silent, type Reporter, type StepOutcome, type ChangingVerb} from '../../../src/lib/model/plan.js'
import type {Hands} from '../../../src/lib/stack/step-handlers.js'
import type {DeclaredStack} from '../../../src/lib/model/stack.js'
import {noBooks} from '../../../src/lib/update/stores.js'
import {noJournal} from '../../../src/lib/journal/record.js'
import type {Intent} from '../../../src/lib/stack/snapshot.js'
import type {Engine} from '../../../src/lib/docker/engine.js'
import {forgetful} from '../../../src/lib/cascade/state.js'
import {anIntent} from './plan-lines.js'
import type {StackResult} from '../../../src/lib/stack/result.js'

export const never = new AbortController().signal

/** Hands that nobody else works beside; the operations they do are written down by nobody. */
export const handsOf = (engine: Engine, more: Partial<Hands> = {}): Hands => ({
  engine,
  now: Date.now,
  exclusively: (_project, _doing, work) => work(),
  journal: noJournal,
  newOperation: () => 'an operation',
  memory: forgetful,
  books: noBooks,
  updateStep: renew,
  patience: {attempts: 1, backoffMs: 0},
  warn: () => undefined,
  ...more,
})

type More = {
  readonly intent?: Partial<Intent>
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
  readonly reporter?: Reporter
  readonly hands?: Partial<Hands>
}

/** One verb on one stack, as a command would have it done. Waits take at most a tenth of a second. */
export function carry(engine: Engine, stack: DeclaredStack, verb: ChangingVerb, more: More = {}): Promise<StackResult> {
  const {intent = {}, dryRun = false, signal = never, reporter = silent, hands = {}} = more
  const order = {files: stack, verb, dryRun, intent: anIntent({limits: {healthy: 0.1}, ...intent})}
  return carryOut(order, handsOf(engine, hands), reporter, signal)
}

/** "start sonarr: failed (why)", a step a line. */
export const outcomeLines = (outcomes: readonly StepOutcome[]): string[] =>
  outcomes.map(({step, result, message}) => `${step.action} ${step.target}: ${result}${message === undefined ? '' : ` (${message})`}`)
