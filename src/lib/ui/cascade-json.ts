import type {CascadeResult} from '../apply/cascade/run.js'
import type {Plan, Stage, Untouched} from '../model/plan.js'
import type {Decision} from '../plan/cascade/decide.js'

/** The --json form of `cascade`. Part of the program's interface: fields are added, never renamed. */
export type CascadeJson = {readonly stacks: readonly StackCascadeJson[]}

type StepJson = {stage: number; action: string; target: string; reason: string; result?: string; seconds?: number; message?: string}

type StackCascadeJson = {
  readonly stack: string
  readonly dryRun: boolean
  /** For a dry run what was found: whole, repair, gateway …; otherwise how it ended. */
  readonly state: string
  readonly summary?: string
  readonly trigger?: string
  readonly pausedUntil?: string
  readonly steps: readonly StepJson[]
  readonly untouched: readonly Untouched[]
}

/** Everything that a real run would do, in its order. */
export const projection = ({plan, gate, later, phase}: Decision): {stages: readonly Stage[]} => ({
  stages: phase === 'verify' ? plan.stages : [...plan.stages, gate, ...later].filter((stage) => stage.length > 0),
})

export function foretoldJson(decision: Decision): StackCascadeJson {
  const {stages} = projection(decision)
  return {
    stack: decision.plan.stack,
    dryRun: true,
    state: decision.phase,
    ...(stages.length > 0 && {trigger: decision.trigger}),
    ...paused(decision),
    steps: stages.flatMap((stage, index) => stage.map(({action, target, reason}) => ({stage: index + 1, action, target, reason}))),
    untouched: decision.plan.untouched,
  }
}

export const cascadeJson = (results: readonly CascadeResult[]): CascadeJson => ({stacks: results.map((result) => resultJson(result))})

function resultJson({stack, ended, plans, outcomes, verdict, last}: CascadeResult): StackCascadeJson {
  return {
    stack,
    dryRun: false,
    state: ended,
    ...(verdict && {summary: verdict.summary, trigger: verdict.episode.trigger}),
    ...paused(last),
    steps: plans.flatMap((plan, number) => planSteps(plan, number, plans, outcomes)),
    untouched: last.plan.untouched,
  }
}

const paused = ({memory}: Decision): {pausedUntil?: string} =>
  memory.pausedUntil === undefined ? {} : {pausedUntil: new Date(memory.pausedUntil).toISOString()}

function planSteps(plan: Plan, number: number, plans: readonly Plan[], outcomes: CascadeResult['outcomes']): StepJson[] {
  const before = plans.slice(0, number).reduce((count, {stages}) => count + stages.length, 0)
  return plan.stages.flatMap((stage, index) =>
    stage.map((step) => {
      const outcome = outcomes.find((candidate) => candidate.step === step)
      const {action, target, reason} = step
      return {
        stage: before + index + 1,
        action,
        target,
        reason,
        ...(outcome && {result: outcome.result, seconds: outcome.seconds}),
        ...(outcome?.message !== undefined && {message: outcome.message}),
      }
    }),
  )
}
