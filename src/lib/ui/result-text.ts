import type {ChalkInstance} from 'chalk'
import type {ImageChange} from '../apply/image-changes.js'
import type {StepOutcome} from '../apply/report.js'
import type {StackResult} from '../apply/carry-out.js'
import {OperatorError} from '../model/operator-error.js'
import {strandedText} from '../model/service-update.js'
import {untouchedText} from './plan-text.js'
import {stepTitle} from './step-text.js'
import {count} from '../model/count.js'
import {shortId} from './text.js'

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
