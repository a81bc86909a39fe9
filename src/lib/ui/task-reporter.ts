import {Listr, type ListrTask} from 'listr2'
import type {Reporter} from '../apply/report.js'
import type {Plan, Stage, Step} from '../model/plan.js'
import {mirror, type Mirror} from './mirror.js'
import {progressText, stageTitle, stepTitle} from './step-text.js'
import {seconds} from './text.js'

/** For a person at a terminal: live tasks, one tree a stack. The tasks only mirror what the reporters are told. */
export type TaskBoard = {
  reporter(stack: string): Reporter
  /** Ends when every stack's reporter was closed. */
  readonly shown: Promise<void>
}

type Wrapper = Parameters<ListrTask['task']>[1]

export function taskBoard(stacks: readonly string[], verb: string): TaskBoard {
  const mirrors = new Map(stacks.map((stack) => [stack, mirror()]))
  const tasks = [...mirrors].map(([stack, own]): ListrTask => ({title: `${stack} ${verb}`, task: (_, task) => showStack(own, task)}))
  const listr = new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    registerSignalListeners: false,
    rendererOptions: {collapseErrors: false, showErrorMessage: true, collapseSubtasks: false, collapseSkips: false},
  })
  const shown = listr.run().then(() => undefined)
  return {shown, reporter: (stack) => (mirrors.get(stack) ?? mirror()).reporter}
}

async function showStack(own: Mirror, task: Wrapper) {
  const plan = await own.plan(0)
  if (plan === undefined) return
  for (const note of plan.notes) task.title = `${task.title}\n${note}`
  const second: ListrTask = {title: 'look again', task: (_, inner) => showSecond(own, inner)}
  return task.newListr([...stageTasks(own, plan), ...(plan.lookAgain ? [second] : [])], {exitOnError: false, concurrent: false})
}

async function showSecond(own: Mirror, task: Wrapper) {
  const plan = await own.plan(1)
  if (plan === undefined || plan.stages.length === 0) return task.skip('nothing more to do')
  return task.newListr(stageTasks(own, plan), {exitOnError: false})
}

const stageTasks = (own: Mirror, plan: Plan): ListrTask[] => plan.stages.map((stage) => stageTask(own, stage))

function stageTask(own: Mirror, stage: Stage): ListrTask {
  const [only] = stage
  if (only !== undefined && stage.length === 1) return stepTask(own, only)
  return {
    title: stageTitle(stage),
    task: (_, task) =>
      task.newListr(
        stage.map((step) => stepTask(own, step)),
        {concurrent: true, exitOnError: false, rendererOptions: {collapseSubtasks: true}},
      ),
  }
}

function stepTask(own: Mirror, step: Step): ListrTask {
  return {
    title: stepTitle(step),
    task: async (_, task) => {
      const face = {progress: (progress: Parameters<typeof progressText>[0]) => (task.output = progressText(progress))}
      const {result, seconds: took, message} = await own.outcome(step, face)
      if (result === 'failed') throw new Error(message)
      if (result !== 'done') return task.skip(`${stepTitle(step)}: ${message ?? result}`)
      task.title = `${stepTitle(step)}${message ? `: ${message}` : ''}${took >= 0.1 ? ` (${seconds(took)})` : ''}`
    },
  }
}
