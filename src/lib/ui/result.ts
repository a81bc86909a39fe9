import type {ChalkInstance} from 'chalk'
import type {StepOutcome, Plan, Step, Untouched} from '../model/plan.js'
import type {ImageChange, StackResult} from '../stack/result.js'
import type {StackReport} from '../update/run.js'
import {strandedText, type ServiceUpdate} from '../model/update.js'
import {OperatorError} from '../util/errors.js'
import {count} from '../util/text.js'
import {errorText} from './error.js'
import {palette, type Terminal} from './palette.js'
import {untouchedText, stepTitle, planText} from './plan.js'
import {shortId} from './table.js'

/** What was done, what was not, and what to do next, for one stack; under --verbose with Docker's own words. */
export function resultText(result: StackResult, colours: ChalkInstance, verbose = false): string[] {
  const lost = result.outcomes.filter(({result: became}) => became !== 'done')
  const plan = result.plans.at(-1)
  return [
    headline(result, lost, colours),
    ...result.changes.map((change) => `  ${colours.bold(change.service)}  ${changeText(change)}`),
    ...returnedText(result, colours),
    ...lost.flatMap((outcome) => lostText(outcome, colours, verbose)),
    ...bringBack(result, lost),
    ...unfinished(result),
    ...(plan === undefined ? [] : untouchedText(plan, colours)),
  ]
}

/** What was stopped only for the time of a restart, and was not started again. */
function bringBack({stack, outcomes}: StackResult, lost: readonly StepOutcome[]): string[] {
  const away = outcomes
    .filter(({step, result}) => step.action === 'stop' && step.regardless && result === 'done')
    .map(({step}) => step.target)
  const left = away.filter((name) => lost.some(({step, result}) => step.target === name && result !== 'failed'))
  return left.length === 0
    ? []
    : [`  Stopped for it, and not started again: ${left.join(', ')}. When the cause is mended: homelab stack ${stack} up`]
}

/** An update that was cancelled between its images. */
function unfinished({stack, outcomes}: StackResult): string[] {
  const kept = outcomes.some(({step, result}) => step.action === 'keep' && result === 'done')
  return kept && outcomes.some(({result}) => result === 'cancelled')
    ? [`  The update is unfinished: the next homelab command on ${stack}, or homelab watch, brings it to its end.`]
    : []
}

function headline({stack, verb, outcomes, changes, updates}: StackResult, lost: readonly StepOutcome[], colours: ChalkInstance): string {
  const name = colours.bold(`${stack} ${verb}`)
  const done = count(outcomes.length - lost.length, 'step')
  if (lost.some(({result}) => result === 'cancelled')) return `${colours.yellow('■')} ${name}: cancelled; ${done} done, ${lost.length} not`
  const back = updates.filter(({is}) => is === 'rolled-back')
  if (back.length > 0 && !updates.some(({is}) => is === 'stranded' || is === 'kept'))
    return `${colours.yellow('↩')} ${name}: rolled back; ${back.map(({service}) => service).join(', ')} ${back.length === 1 ? 'runs' : 'run'} the old image`
  if (lost.length > 0) return `${colours.red('✗')} ${name}: failed; ${done} done, ${lost.length} not`
  if (outcomes.length === 0) return `${colours.green('✓')} ${name}: nothing to do`
  if (verb === 'update')
    return `${colours.green('✓')} ${name}: ${changes.length > 0 ? `${count(changes.length, 'service')} on a new image` : 'no image changed'}, ${done} done`
  return `${colours.green('✓')} ${name}: ${done} done`
}

/** What did not come to its new image, and what runs now. */
function returnedText({stack, updates}: StackResult, colours: ChalkInstance): string[] {
  return updates.flatMap((update) => {
    const {service, is, from, reason = '', log = []} = update
    if (is === 'done' || is === 'current') return []
    const runs = `${from.version === undefined ? '' : `${from.version} `}${shortId(from.imageId)}`
    const said = log.map((line) => colours.dim(`      ${line}`))
    if (is === 'stranded')
      return [
        `  ${colours.red('✗')} ${colours.bold(service)}: ${strandedText(update)}. ${reason}`,
        ...said,
        `    By hand: docker tag ${from.imageId} ${from.reference}`,
        `             homelab stack ${stack} up ${service}`,
      ]
    const what = is === 'kept' ? 'was not updated' : 'was updated, and went back'
    return [
      `  ${colours.yellow('↩')} ${colours.bold(service)} ${what}; it runs ${runs}. ${reason}`,
      ...said,
      ...(is === 'kept'
        ? []
        : [`    It is tried again when the registry has another image, or by: homelab stack ${stack} update ${service} --retry-rejected`]),
    ]
  })
}

/** Old → new, by version where the images tell it, and by image id always. */
function changeText({image, from, to, fromVersion, toVersion}: ImageChange): string {
  const version = fromVersion !== undefined && toVersion !== undefined && fromVersion !== toVersion ? `${fromVersion} → ${toVersion}  ` : ''
  return `${version}${shortId(from)} → ${shortId(to)}  (${image})`
}

function lostText({step, result, message, error}: StepOutcome, colours: ChalkInstance, verbose: boolean): string[] {
  const mark = result === 'failed' ? colours.red('✗') : colours.dim('-')
  const told = error instanceof OperatorError ? [...error.next, ...(verbose ? detailLines(error) : [])] : []
  return [`  ${mark} ${stepTitle(step)}: ${message ?? result}`, ...told.map((line) => colours.dim(`      ${line}`))]
}

const detailLines = ({detail}: OperatorError): string[] => (detail === undefined ? [] : ['', ...detail.trim().split('\n')])

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

/** Writes the end of a changing command: the plan of a dry run, or what became of each stack. */
export function showReports(reports: readonly StackReport[], dryRun: boolean, verbose: boolean, terminal: Terminal): void {
  const colours = palette(terminal)
  for (const {stack, result, error} of reports) {
    const lines = error ? errorText(error, verbose, colours) : []
    if (result !== undefined)
      lines.push(...(dryRun ? result.plans.flatMap((plan) => planText(plan, colours)) : resultText(result, colours, verbose)))
    const prefix = error && reports.length > 1 ? `${colours.bold(stack)}: ` : ''
    lines.forEach((line, index) => terminal.write(index === 0 ? prefix + line : line))
  }
}
