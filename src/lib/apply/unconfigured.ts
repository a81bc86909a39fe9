import {readFile} from 'node:fs/promises'
import type {DeclaredService} from '../model/declared.js'
import {templateOf} from '../model/unconfigured.js'
import type {World} from '../plan/world.js'
import {within} from '../time/within.js'

/** Milliseconds; a disk that hangs says nothing of settings. */
const ANSWER_MS = 1_000

/** The file that nobody has put this service's settings into; undefined: somebody has, or it is not known. */
export async function unconfiguredFile(service: DeclaredService | undefined): Promise<string | undefined> {
  const template = service && templateOf(service)
  if (template === undefined) return undefined
  const text = await within(ANSWER_MS, readFile(template.file, 'utf8'), () => '').catch(() => '')
  return text.includes(template.text) ? template.file : undefined
}

/** The world with the services that Docker starts again and again because nobody has configured them. */
export async function withUnconfigured(world: World): Promise<World> {
  const restarting = [...world.observed.containers.values()].filter(({state, restarts}) => state === 'restarting' || restarts > 0)
  const files = restarting.map(async ({service}) => [service, await unconfiguredFile(world.stack.services.get(service))] as const)
  const found = (await Promise.all(files)).flatMap(([service, file]) => (file === undefined ? [] : [[service, file] as const]))
  return found.length === 0 ? world : {...world, unconfigured: new Map(found)}
}
