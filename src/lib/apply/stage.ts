import type {Engine} from '../engine/engine.js'
import type {DeclaredStack} from '../model/declared.js'
import type {Journal} from '../model/journal.js'
import type {Step} from '../model/plan.js'
import {attempt, type Watch} from './attempt.js'
import {createThroughCompose} from './create.js'
import type {StepOutcome} from './report.js'
import {waitUntilReady} from './wait.js'

/** What the steps are carried out with. */
export type Hands = {
  readonly engine: Engine
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Runs the work while nobody else works on that project. */
  readonly exclusively: <T>(project: string, doing: string, work: () => Promise<T>) => Promise<T>
  readonly journal: Journal
  /** A name for an operation that has none yet. */
  readonly newOperation: () => string
  /** Told what the operator should know at once, and what stops nothing. */
  readonly warn: (text: string) => void
}

type Record = (outcome: StepOutcome) => void

/** Carries out the steps of one stage side by side; those that Compose does go into one run of it. */
export async function carryOutStage(
  steps: readonly Step[],
  stack: DeclaredStack,
  hands: Hands,
  watch: Watch,
  record: Record,
): Promise<void> {
  const creations = steps.filter(({action}) => action === 'create' || action === 'recreate')
  const waits = steps.filter(({action}) => action === 'wait')
  const others = steps.filter((step) => !creations.includes(step) && !waits.includes(step))
  await Promise.all([
    createThroughCompose(creations, stack, hands.engine, watch, record),
    waitUntilReady(waits, stack, hands.engine, watch, record),
    ...others.map(async (step) => record(await attempt(step, () => perform(step, stack, hands.engine, watch), watch))),
  ])
}

async function perform(step: Step, stack: DeclaredStack, engine: Engine, {reporter, signal}: Watch): Promise<string | undefined> {
  switch (step.action) {
    case 'pull':
      await engine.pull(given(step.image), (progress) => reporter.progress(step, progress), signal)
      return undefined
    case 'create-network':
      await engine.createNetwork(step.target, given(step.subnet))
      return undefined
    case 'remove-network':
      return (await engine.removeNetwork(step.target, stack.project)).why
    case 'start':
    case 'stop':
    case 'restart':
    case 'remove':
      await engine[step.action](given(step.container))
      return undefined
    default:
      throw new Error(`no step by itself: ${step.action}`)
  }
}

/** A planner that leaves out what its step needs is a bug. */
function given(value: string | undefined): string {
  if (value === undefined) throw new Error('the step does not say on what')
  return value
}
