import {readFile} from 'node:fs/promises'
import type {DeclaredService} from '../model/stack.js'
import {within} from '../util/timeout.js'
import type {World} from './snapshot.js'

/** The file that a service's settings are in, on this machine, and what is in it as long as nobody has set them. */
type Template = {readonly file: string; readonly text: string}

const LABEL = 'homelab.unconfigured'

/**
 * Of the label `homelab.unconfigured: "/config/config.js torrentClients: []"`: a path of the container, and a text. While the
 * file has the text, the program ends at once, and is not to be blamed for it.
 */
export function templateOf({labels, binds}: DeclaredService): Template | undefined {
  const [, at, text] = /^(\S+) +(.+)$/.exec(labels.get(LABEL) ?? '') ?? []
  if (at === undefined || text === undefined) return undefined
  const bind = binds.find(({target}) => at.startsWith(`${target.replace(/\/$/, '')}/`))
  return bind && {file: bind.source.replace(/\/$/, '') + at.slice(bind.target.replace(/\/$/, '').length), text}
}

export const waitsFor = (file: string): string => `waits for its configuration: ${file}`

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
