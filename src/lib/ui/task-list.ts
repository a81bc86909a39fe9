import {Listr, type ListrTask} from 'listr2'
import {type Reporter, stepsOf, type Plan, type Stage, type Step, type StepOutcome, type PullProgress} from '../model/plan.js'
import {progressText, stageTitle, stepTitle} from './plan.js'
import {seconds} from './table.js'

/** For a person at a terminal: live tasks, one tree a stack. The tasks only mirror what the reporters are told. */
type TaskBoard = {
  reporter(stack: string): Reporter
  /** Ends when every stack's reporter was closed. */
  readonly shown: Promise<void>
}

type Wrapper = Parameters<ListrTask['task']>[1]

/** What went wrong is told once, at the end, with its next step; the board only shows where. */
const LOOK = {
  showErrorMessage: false,
  collapseErrors: false,
  collapseSubtasks: false,
  collapseSkips: false,
  icon: {FAILED_WITH_SUBTASKS: '✖', COMPLETED_WITH_FAILED_SUBTASKS: '✖', SKIPPED_WITHOUT_COLLAPSE: '-'},
} as const

// Imported late, which the check for dead code cannot see.
// ts-unused-exports:disable-next-line
export function taskBoard(stacks: readonly string[], verb: string): TaskBoard {
  const mirrors = new Map(stacks.map((stack) => [stack, mirror()]))
  const tasks = [...mirrors].map(([stack, own]): ListrTask => ({title: `${stack} ${verb}`, task: (_, task) => showStack(own, task)}))
  const options = {concurrent: true, exitOnError: false, registerSignalListeners: false, rendererOptions: LOOK}
  const shown = new Listr(tasks, options).run().then(() => undefined)
  return {shown, reporter: (stack) => (mirrors.get(stack) ?? mirror()).reporter}
}

async function showStack(own: Mirror, task: Wrapper) {
  const plan = await own.plan(0)
  if (plan === undefined) return
  for (const note of plan.notes) task.title = `${task.title}\n${note}`
  const tasks = [...stageTasks(own, plan), ...secondLook(own, plan, 1), gate(own, stepsOf(plan))]
  return task.newListr(tasks, {exitOnError: false, concurrent: false})
}

const secondLook = (own: Mirror, plan: Plan, number: number): ListrTask[] =>
  plan.lookAgain
    ? [{title: plan.verb === 'cascade' ? 'what is left to do' : 'look again', task: (_, inner) => showNext(own, inner, number)}]
    : []

async function showNext(own: Mirror, task: Wrapper, number: number) {
  const plan = await own.plan(number)
  if (plan === undefined || plan.stages.length === 0) return task.skip('nothing more to do')
  return task.newListr([...stageTasks(own, plan), ...secondLook(own, plan, number + 1), gate(own, stepsOf(plan))], {exitOnError: false})
}

const stageTasks = (own: Mirror, plan: Plan): ListrTask[] => plan.stages.map((stage) => stageTask(own, stage))

function stageTask(own: Mirror, stage: Stage): ListrTask {
  const [only] = stage
  if (only !== undefined && stage.length === 1) return stepTask(own, only)
  const tasks = [...stage.map((step) => stepTask(own, step)), gate(own, stage)]
  const options = {concurrent: true, exitOnError: false, rendererOptions: {collapseSubtasks: true}}
  return {title: stageTitle(stage), task: (_, task) => task.newListr(tasks, options)}
}

/** Nothing to see: fails what it is part of, if not all of these steps were done. listr2 would show it as completed. */
function gate(own: Mirror, steps: readonly Step[]): ListrTask {
  return {
    exitOnError: true,
    task: async () => {
      const outcomes = await Promise.all(steps.map((step) => own.outcome(step)))
      if (outcomes.some(({result}) => result !== 'done')) throw new Error('not all done')
    },
  }
}

function stepTask(own: Mirror, step: Step): ListrTask {
  return {
    title: stepTitle(step),
    task: async (_, task) => {
      const face = {progress: (progress: PullProgress) => (task.output = progressText(progress))}
      const {result, seconds: took, message} = await own.outcome(step, face)
      if (result === 'failed') throw new Error(message)
      if (result !== 'done') return task.skip(`${stepTitle(step)}: ${message ?? result}`)
      task.title = `${stepTitle(step)}${message ? `: ${message}` : ''}${took >= 0.1 ? ` (${seconds(took)})` : ''}`
    },
  }
}

/** What a step's task shows; set by whoever draws it. */
type Face = {progress: (progress: PullProgress) => void}

/**
 * Turns what a reporter is told into promises that a task list can wait for: each plan, and each step's
 * outcome. It is told of everything before the reporter is closed, so nobody waits for ever.
 */
type Mirror = {
  readonly reporter: Reporter
  /** Counted from 0. Rejects if there was no plan at all; undefined if there is none of that number. */
  plan(number: number): Promise<Plan | undefined>
  outcome(step: Step, face?: Face): Promise<StepOutcome>
}

export function mirror(): Mirror {
  const plans: Deferred<Plan | undefined>[] = []
  let closed = false
  const planOf = (number: number): Deferred<Plan | undefined> => {
    const known = (plans[number] ??= deferred<Plan | undefined>())
    if (closed) known.resolve(undefined)
    return known
  }
  const outcomes = new Map<Step, Deferred<StepOutcome>>()
  const faces = new Map<Step, Face>()
  const outcomeOf = (step: Step): Deferred<StepOutcome> => {
    const known = outcomes.get(step) ?? deferred<StepOutcome>()
    outcomes.set(step, known)
    return known
  }
  let planned = 0
  return {
    plan: (number) => planOf(number).promise,
    outcome(step, face) {
      if (face !== undefined) faces.set(step, face)
      return outcomeOf(step).promise
    },
    reporter: {
      planned: (plan) => planOf(planned++).resolve(plan),
      began() {},
      progress: (step, progress) => faces.get(step)?.progress(progress),
      ended: (outcome) => outcomeOf(outcome.step).resolve(outcome),
      closed(error) {
        if (error !== undefined) planOf(0).reject(error)
        closed = true
        plans.forEach((plan) => plan.resolve(undefined))
      },
    },
  }
}

type Deferred<T> = {promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void}

/** Node 20 has no Promise.withResolvers. */
function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<T>((onResolve, onReject) => ([resolve, reject] = [onResolve, onReject]))
  promise.catch(() => undefined) // Whoever asks for it sees the error; nobody asking is no failure.
  return {promise, resolve, reject}
}
