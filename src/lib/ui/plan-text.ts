import type {ChalkInstance} from 'chalk'
import type {Plan} from '../model/plan.js'
import {actionWord} from './step-text.js'
import {columns} from './text.js'

/** The plan as a table: stage, what, whom, why. Stages run one after the other, their steps side by side. */
export function planText(plan: Plan, colours: ChalkInstance): string[] {
  const head = colours.bold(`${plan.stack} ${plan.verb}: what would be done`)
  const rows = plan.stages.flatMap((stage, number) =>
    stage.map((step, place) => [
      colours.dim(place === 0 ? String(number + 1).padStart(2) : '  '),
      actionWord(step.action),
      colours.bold(step.target),
      colours.dim(step.limit === undefined ? step.reason : `${step.reason} (at most ${step.limit} s)`),
    ]),
  )
  const nothing = plan.stages.length === 0 ? ['  nothing'] : []
  const last = plan.lookAgain ? [colours.dim('    then look again: what the pull brought decides what is recreated')] : []
  return [
    head,
    ...plan.notes.map((note) => `${colours.yellow('!')} ${note}`),
    ...columns(rows),
    ...nothing,
    ...last,
    ...untouchedText(plan, colours),
  ]
}

/** Who stays as they are, one line a reason. */
export function untouchedText(plan: Plan, colours: ChalkInstance): string[] {
  const reasons = [...new Set(plan.untouched.map(({reason}) => reason))]
  return reasons.map((reason) => {
    const names = plan.untouched.filter((left) => left.reason === reason).map(({service}) => service)
    return colours.dim(`  left alone: ${someOf(names)} (${reason})`)
  })
}

/** All names stand in --json; a person wants to see which ones they are about. */
export const someOf = (names: readonly string[]): string =>
  names.length <= 4 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
