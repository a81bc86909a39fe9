import type {ChalkInstance} from 'chalk'
import type {Plan, Action, Stage, Step, PullProgress} from '../model/plan.js'
import {count} from '../util/text.js'
import {columns, megabytes} from './table.js'

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

const WORDS: Readonly<Record<Action, string>> = {
  'create-network': 'create network',
  'create-folder': 'create folder',
  configure: 'write the first configuration of',
  'remove-network': 'remove network',
  pull: 'pull',
  create: 'create',
  recreate: 'recreate',
  replace: 'make a new container for',
  start: 'start',
  restart: 'restart',
  stop: 'stop',
  remove: 'stop and remove',
  wait: 'wait for',
  keep: 'keep the old image of',
  release: 'take the kept name off the image of',
  recover: 'pull the lost image again of',
  pin: 'pin the image of',
  tag: 'give the old image its name back:',
  hook: 'run the command for',
  backup: 'copy the configuration of',
  restore: 'put back the configuration of',
  probe: 'ask',
}

/** What is done to a tunnel or a port. */
const ASIDE_WORDS: Readonly<Record<string, string>> = {
  'set-port': 'set the port of',
  reconnect: 'renew the tunnel of',
  'bring-back': 'bring back the tunnel of',
  prove: 'prove the kill switch of',
}

/** @param action Also one that a newer version wrote into the journal. */
export const actionWord = (action: string): string => (WORDS as Readonly<Record<string, string>>)[action] ?? ASIDE_WORDS[action] ?? action

export const stepTitle = (step: Step): string => `${WORDS[step.action]} ${step.target}`

/** "stop 9 services", or the step's own title if there is just one. */
export function stageTitle(stage: Stage): string {
  const [first] = stage
  if (first !== undefined && stage.length === 1) return stepTitle(first)
  const actions = [...new Set(stage.map(({action}) => action))]
  return actions.map((action) => some(action, stage.filter((step) => step.action === action).length)).join(', ')
}

const some = (action: Action, number: number): string =>
  action === 'create-folder' ? `create ${count(number, 'folder')}` : `${WORDS[action]} ${count(number, 'service')}`

export const progressText = ({layers, layersDone, bytes, bytesTotal}: PullProgress): string =>
  `${layersDone} of ${count(layers, 'layer')}${bytesTotal > 0 ? `, ${megabytes(bytes)} of ${megabytes(bytesTotal)}` : ''}`
