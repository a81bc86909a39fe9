import type {PullProgress} from '../engine/engine.js'
import type {Plan, Step} from '../model/plan.js'

type StepResult = 'done' | 'failed' | 'skipped' | 'cancelled'

/** What became of a step. */
export type StepOutcome = {
  readonly step: Step
  readonly result: StepResult
  /** Seconds it took; 0 if it was not begun. */
  readonly seconds: number
  /** For people: why it failed or was skipped, or what it found. */
  readonly message: string | undefined
  readonly error: Error | undefined
}

/** Who is told while a stack's plan is carried out. Must not throw, and decides nothing. */
export interface Reporter {
  /** Called again if a second look brings more to do. */
  planned(plan: Plan): void
  began(step: Step): void
  progress(step: Step, progress: PullProgress): void
  ended(outcome: StepOutcome): void
  /** The stack is through; nothing more comes. */
  closed(error: Error | undefined): void
}

export const silent: Reporter = {planned() {}, began() {}, progress() {}, ended() {}, closed() {}}
