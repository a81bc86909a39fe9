import {mkdir, readFile} from 'node:fs/promises'
import path from 'node:path'
import {writeAtomically} from '../storage/atomic-file.js'
import {isObject, number, object, text} from '../storage/json-file.js'
import {configurationError, type OperatorError} from '../util/errors.js'
import {type Parked, type Episode, type CascadeMemory, NOTHING_REMEMBERED, type MemoryStore} from '../model/cascade.js'

/** What a cascade must remember between two looks, and across a power cut. One for each stack. */

/** @param folder The state folder. */
export function cascadeMemory(folder: string): MemoryStore {
  const file = (project: string): string => path.join(folder, 'cascade', `${project}.json`)
  return {
    read: (project) => read(file(project)),
    write: async (project, memory) => {
      try {
        await mkdir(path.join(folder, 'cascade'), {recursive: true, mode: 0o755})
        await writeAtomically(file(project), `${JSON.stringify(memory, null, 2)}\n`)
      } catch (error) {
        throw unusable(file(project), error as Error)
      }
    },
  }
}

/** Of nobody: a dry run's, a test's. */
export const forgetful: MemoryStore = {read: () => Promise.resolve(NOTHING_REMEMBERED), write: () => Promise.resolve()}

/**
 * A file that somebody damaged is no reason to leave services cut off: what can still be seen of Docker is enough to go on.
 * @throws OperatorError (78) if it may not be read.
 */
async function read(file: string): Promise<CascadeMemory> {
  try {
    return whole(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING_REMEMBERED
    throw unusable(file, error as Error)
  }
}

const unusable = (file: string, {message}: Error): OperatorError =>
  configurationError(`What cascades remember, ${file}, cannot be used: ${message}`, [
    'Run the command with sudo, or as the user that homelab watch runs as',
    'or see whether the disk is full: df -h',
  ])

/** What of it has the right shape. */
function whole(found: unknown): CascadeMemory {
  const {parked, ran, cascades, episode, pausedUntil} = isObject(found) ? found : {}
  return {
    parked: list(parked).filter((entry): entry is Parked => isParked(entry)),
    ran: list(ran).filter((id) => typeof id === 'string'),
    cascades: list(cascades).filter((at) => typeof at === 'number'),
    ...(isEpisode(episode) && {episode: episode as Episode}),
    ...(typeof pausedUntil === 'number' && {pausedUntil}),
  }
}

const isParked = object({service: text, reason: text, since: number})

const isEpisode = object({
  op: text,
  startedAt: number,
  trigger: text,
  situation: text,
  attempts: number,
  lastAttemptAt: number,
  services: Array.isArray,
})

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])
