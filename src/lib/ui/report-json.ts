import type {StackReport} from '../apply/carry-out-all.js'
import type {ImageChange} from '../apply/image-changes.js'
import type {ServiceUpdate} from '../model/service-update.js'
import type {Plan, Step, Untouched} from '../model/plan.js'

/** The --json form of a changing command. Part of the program's interface: fields are added, never renamed. */
export type ReportJson = {stacks: StackJson[]}

type StepJson = Omit<Step, 'needs'> & {stage: number; result?: string; seconds?: number; message?: string}
type StackJson = {
  stack: string
  dryRun?: boolean
  steps?: StepJson[]
  untouched?: readonly Untouched[]
  notes?: readonly string[]
  images?: readonly ImageChange[]
  updates?: readonly ServiceUpdate[]
  error?: {message: string; next: readonly string[]; exitCode: number}
}

export const reportJson = (reports: readonly StackReport[]): ReportJson => ({stacks: reports.map(stackJson)})

function stackJson({stack, result, error}: StackReport): StackJson {
  if (error !== undefined) return {stack, error: {message: error.message, next: error.next, exitCode: error.exitCode}}
  if (result === undefined) return {stack}
  return {
    stack,
    dryRun: result.dryRun,
    steps: result.plans.flatMap((plan) => planSteps(plan, result)),
    untouched: result.plans.at(-1)?.untouched ?? [],
    notes: result.plans.flatMap((plan) => plan.notes),
    images: result.changes,
    ...(result.updates.length > 0 && {updates: result.updates}),
  }
}

function planSteps(plan: Plan, {outcomes}: NonNullable<StackReport['result']>): StepJson[] {
  return plan.stages.flatMap((stage, index) =>
    stage.map(({needs: _, ...step}) => {
      const outcome = outcomes.findLast((candidate) => candidate.step.action === step.action && candidate.step.target === step.target)
      return {
        stage: index + 1,
        ...step,
        ...(outcome && {result: outcome.result, seconds: outcome.seconds}),
        ...(outcome?.message !== undefined && {message: outcome.message}),
      }
    }),
  )
}
