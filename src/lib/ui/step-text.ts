import type {PullProgress} from '../engine/engine.js'
import type {Action, Stage, Step} from '../model/plan.js'
import {count} from '../model/count.js'
import {megabytes} from './text.js'

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
