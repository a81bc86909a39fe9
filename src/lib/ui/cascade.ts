import type {ChalkInstance} from 'chalk'
import type {Decision} from '../cascade/decide.js'
import type {CascadeResult} from '../cascade/run.js'
import type {Plan, Stage, Untouched} from '../model/plan.js'
import {OperatorError} from '../util/errors.js'
import {planText, untouchedText, stepTitle} from './plan.js'
import {seconds} from './table.js'

/** The plan of a dry run: all that a real run would do, also what it would wait for. */
export function cascadePlanText(decision: Decision, colours: ChalkInstance): string[] {
  const {stages} = projection(decision)
  const trigger = stages.length === 0 ? [] : [colours.dim(`  because ${decision.trigger}`)]
  const [head = '', ...rest] = planText({...decision.plan, stages, notes: [], lookAgain: false}, colours)
  return [head, ...pauseText(decision, colours), ...trigger, ...rest]
}

function pauseText({memory}: Decision, colours: ChalkInstance): string[] {
  if (memory.pausedUntil === undefined) return []
  const until = new Date(memory.pausedUntil).toISOString().slice(0, 16)
  return [
    `${colours.yellow('!')} Cascades pause until ${until} UTC, after a restart loop: nothing is repaired before.`,
    '  End the pause: homelab cascade --resume',
  ]
}

/** What was done, what was not, and what to do next. */
export function cascadeResultText(result: CascadeResult, colours: ChalkInstance, verbose: boolean): string[] {
  const lost = result.outcomes.filter((outcome) => outcome.result === 'failed')
  const told = result.ended === 'whole' && result.verdict !== undefined ? [] : lost
  return [
    headline(result, colours),
    ...(result.ended === 'whole' ? pauseText(result.last, colours) : []),
    ...told.flatMap(({step, message, error}) => [
      `  ${colours.red('✗')} ${stepTitle(step)}: ${message}`,
      ...(error instanceof OperatorError ? [...error.next, ...(verbose && error.detail ? error.detail.trim().split('\n') : [])] : []).map(
        (line) => colours.dim(`      ${line}`),
      ),
    ]),
    ...nextText(result),
    ...untouchedText(
      {...result.last.plan, untouched: result.last.plan.untouched.filter(({reason}) => !/^it (runs|is in the network)/.test(reason))},
      colours,
    ),
  ]
}

function headline(result: CascadeResult, colours: ChalkInstance): string {
  const name = colours.bold(`${result.stack} cascade`)
  const marks = {whole: colours.green('✓'), unhealthy: colours.yellow('!'), cancelled: colours.yellow('■'), failed: colours.red('✗')}
  const mark = result.ended === 'gateway' || result.ended === 'paused' ? marks.failed : marks[result.ended]
  return `${mark} ${name}: ${said(result)}`
}

function said({ended, outcomes, verdict, seconds: took, last}: CascadeResult): string {
  const summary = verdict?.summary ?? 'somebody else repaired it'
  switch (ended) {
    case 'whole':
      return outcomes.length === 0 ? 'nothing to do' : `${summary} (${seconds(took)})`
    case 'unhealthy':
      return summary
    case 'gateway':
      return 'failed; the gateway is not healthy, and nothing starts behind it before it is'
    case 'paused':
      return `not done; cascades pause until ${new Date(last.memory.pausedUntil ?? 0).toISOString().slice(0, 16)} UTC, after a restart loop`
    default:
      return ended
  }
}

function nextText({stack, ended}: CascadeResult): string[] {
  switch (ended) {
    case 'gateway':
      return [
        `  See what is wrong with it: homelab stack ${stack} status`,
        '  What was stopped for the time without it comes back when it is healthy: by homelab watch, or homelab cascade',
      ]
    case 'paused':
      return [
        '  See why it restarts: homelab history',
        '  then end the pause: homelab cascade --resume',
        '  or bring back what is cut off, once: homelab cascade --force',
      ]
    case 'cancelled':
      return ['  What was stopped for it comes back by homelab watch, or homelab cascade']
    default:
      return []
  }
}

/** @param ended For each stack, whether there was a pause. */
export const resumedText = (ended: readonly boolean[]): string =>
  ended.includes(true) ? 'The pause is over: cascades go on.' : 'There was no pause.'

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
const projection = ({plan, gate, later, phase}: Decision): {stages: readonly Stage[]} => ({
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
