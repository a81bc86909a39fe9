import {carryOut, type StackResult} from '../../../src/lib/apply/carry-out.js'
import {silent, type Reporter, type StepOutcome} from '../../../src/lib/apply/report.js'
import type {Hands} from '../../../src/lib/apply/stage.js'
import type {ChangingVerb} from '../../../src/lib/apply/verbs.js'
import type {Engine} from '../../../src/lib/engine/engine.js'
import {noJournal} from '../../../src/lib/model/journal.js'
import {forgetful} from '../../../src/lib/state/cascade-memory.js'
import type {DeclaredStack} from '../../../src/lib/model/declared.js'
import type {Intent} from '../../../src/lib/plan/world.js'
import type {MemoryEngine} from './memory-engine.js'
import {anIntent} from './plan-lines.js'

export const never = new AbortController().signal

type More = {readonly intent?: Partial<Intent>; readonly dryRun?: boolean; readonly signal?: AbortSignal; readonly reporter?: Reporter}

/** One verb on one stack, as a command would have it done. Waits take at most a tenth of a second. */
export function carry(engine: MemoryEngine, stack: DeclaredStack, verb: ChangingVerb, more: More = {}): Promise<StackResult> {
  const {intent = {}, dryRun = false, signal = never, reporter = silent} = more
  const order = {files: stack, verb, dryRun, intent: anIntent({limits: {healthy: 0.1}, ...intent})}
  return carryOut(order, bareHands(engine), reporter, signal)
}

/** Hands that lock nothing, write down nothing and remember nothing. */
export const bareHands = (engine: Engine): Hands => ({
  engine,
  now: Date.now,
  journal: noJournal,
  newOperation: () => 'op',
  memory: forgetful,
  exclusively: (_project, _doing, work) => work(),
})

/** "start sonarr: failed (why)", a step a line. */
export const outcomeLines = (outcomes: readonly StepOutcome[]): string[] =>
  outcomes.map(({step, result, message}) => `${step.action} ${step.target}: ${result}${message === undefined ? '' : ` (${message})`}`)
