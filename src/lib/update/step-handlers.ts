import type {Action, Step} from '../model/plan.js'
import {pullPatiently, type Place} from '../stack/step-handlers.js'
import {copyFolders, restoreFolders} from '../backup/copies.js'
import {runHook} from './hook.js'
import {probe} from './probe.js'
import {release} from './finish.js'

type Deed = (
  step: Required<Pick<Step, 'image' | 'reference' | 'command' | 'limit' | 'url' | 'folders' | 'backup'>> & Step,
  place: Place,
) => Promise<unknown>

/** What only updates have. A deed may return a text for people. */
const DEEDS: Readonly<Partial<Record<Action, Deed>>> = {
  keep: ({image, reference}, {hands}) => hands.engine.tag(image, reference),
  release: ({reference}, place) => release(reference, place),
  recover: ({image}, {hands, signal}) => pullPatiently(hands.engine, image, hands.patience, () => undefined, signal),
  tag: ({image, reference}, {hands}) => hands.engine.tag(image, reference),
  pin: ({target, reference}, {stack, hands}) => hands.books.pins.write(stack.name, target, reference === '' ? undefined : reference),
  hook: ({command, limit, target}, {stack, signal}) =>
    runHook({command, limit, environment: {HOMELAB_STACK: stack.name, HOMELAB_SERVICE: target}}, signal),
  backup: ({folders, backup}, {signal}) => copyFolders(folders, backup, signal),
  restore: ({folders, backup}, {signal}) => restoreFolders(folders, backup, signal),
  probe: ({url, limit}, {hands, signal}) => probe(url, limit, hands.now, signal),
}

const NOTHING = {image: '', reference: '', command: [], limit: 0, url: '', folders: [], backup: ''}

/** Carries out a step that only updates have. @returns For people. */
export async function renew(step: Step, place: Place): Promise<string | undefined> {
  const deed = DEEDS[step.action]
  if (deed === undefined) throw new Error(`no step by itself: ${step.action}`)
  const said = await deed({...NOTHING, ...step}, place)
  return typeof said === 'string' ? said : undefined
}
