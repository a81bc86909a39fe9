import type {DeclaredStack} from '../../model/declared.js'
import type {Step} from '../../model/plan.js'
import type {Hands} from '../stage.js'
import {copyFolders, restoreFolders} from './copies.js'
import {runHook} from './hook.js'
import {probe} from './probe.js'

/** Carries out a step that only updates have. @returns For people. */
export async function renew(
  step: Step,
  stack: DeclaredStack,
  {engine, books, now}: Hands,
  signal: AbortSignal,
): Promise<string | undefined> {
  const {action, target, image = '', reference = '', command = [], limit = 0, url = '', folders = [], backup = ''} = step
  switch (action) {
    case 'keep':
    case 'tag':
      await engine.tag(image, reference)
      return undefined
    case 'pin':
      await books.pins.write(stack.name, target, reference === '' ? undefined : reference)
      return undefined
    case 'hook':
      await runHook({command, limit, environment: {HOMELAB_STACK: stack.name, HOMELAB_SERVICE: target}}, signal)
      return undefined
    case 'backup':
      await copyFolders(folders, backup, signal)
      return undefined
    case 'restore':
      return restoreFolders(folders, backup, signal)
    case 'probe':
      return probe(url, limit, now, signal)
    default:
      throw new Error(`no step by itself: ${action}`)
  }
}
