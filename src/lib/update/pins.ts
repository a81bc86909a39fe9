import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {pinsFileName, type Pins, isImageReference} from '../model/image.js'
import {writeAtomically, clearLeftOvers, removeDurably} from '../storage/atomic-file.js'
import {usable} from '../storage/json-file.js'
import {configurationError} from '../util/errors.js'

/** The pins files of a Compose folder, one a stack, each at most. */
type PinsFiles = {
  /** @throws OperatorError (78) that names the file and line, if somebody edited it into something else; or that may not be read. */
  read(stack: string): Promise<Pins>
  /**
   * Pins a service, or with undefined takes its pin away; the file goes with the last one. On disk when it returns.
   * Only for who holds the stack's lock.
   * @throws OperatorError (78) as `read` does, and for a reference that Compose would not take as it stands.
   */
  write(stack: string, service: string, reference: string | undefined): Promise<void>
}

/** The files `<composeDir>/<stack>.pins.yml`. A person may read them, and may edit them with care. */
export function pinsOf(composeDir: string): PinsFiles {
  const file = (stack: string): string => path.join(composeDir, pinsFileName(stack))
  return {
    read: (stack) => named(file(stack), () => read(file(stack))),
    write: (stack, service, reference) => named(file(stack), () => write(file(stack), stack, service, reference)),
  }
}

async function read(file: string): Promise<Pins> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    throw error
  }
  // eslint-disable-next-line homelab/house -- It loads the YAML parser, some 50 ms, and most stacks have no pins.
  const {parsePins} = await import('./parse-pins.js')
  return parsePins(text, file)
}

async function write(file: string, stack: string, service: string, reference: string | undefined): Promise<void> {
  if (reference !== undefined) check(stack, service, reference)
  const pins = new Map(await read(file))
  // A file without entries goes, also if a person took the last one out.
  if (pins.get(service) === reference && pins.size > 0) return
  if (reference === undefined) pins.delete(service)
  else pins.set(service, reference)
  await clearLeftOvers(file)
  if (pins.size === 0) await removeDurably(file)
  else await writeAtomically(file, pinsText(stack, pins), 0o644)
}

function check(stack: string, service: string, reference: string): void {
  // Compose's grammar of a project's name, roughly: no folder in it.
  if (!/^[a-zA-Z0-9_-][a-zA-Z0-9._-]*$/.test(stack))
    throw configurationError(`${JSON.stringify(stack)} is no name of a file, so nothing of it is pinned.`)
  // Compose's own grammar of a service's name.
  if (!/^[a-zA-Z0-9._-]+$/.test(service))
    throw configurationError(`${JSON.stringify(service)} is no name of a service, so it is not pinned.`)
  if (!isImageReference(reference)) {
    throw configurationError(`${JSON.stringify(reference)} is no image name that can be pinned for ${service}.`)
  }
}

const named = <T>(file: string, work: () => Promise<T>): Promise<T> => usable(`The pins file ${file}`, work)

/** Words that YAML does not take for a text. */
const WORDS = new Set(['true', 'false', 'null', 'yes', 'no', 'on', 'off', 'y', 'n'])

const key = (service: string): string => (/^[a-z][a-z0-9_-]*$/.test(service) && !WORDS.has(service) ? service : JSON.stringify(service))

const head = (stack: string): string => `\
# Made by homelab: the images that the services of "${stack}" run instead of those in its own files, which it never edits.
# Every homelab command merges this file after ${stack}.yml. A plain docker compose needs both:
#   docker compose -f ${stack}.yml -f ${pinsFileName(stack)} ...
# To run the image before this one:      homelab stack ${stack} rollback <service>
# To go back to what your own file says: delete the service's entry, or the file (with the last entry, always the file)
# Comments of yours are lost when homelab writes it again.
`

/** The text of a pins file, sorted by service. */
function pinsText(stack: string, pins: Pins): string {
  const entries = [...pins].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `${head(stack)}services:\n${entries.map(([service, image]) => `  ${key(service)}:\n    image: ${JSON.stringify(image)}\n`).join('')}`
}
