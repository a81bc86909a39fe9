import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {configurationError} from '../model/operator-error.js'
import {pinsFileName, type Pins} from '../model/pins.js'
import {writeAtomically} from './atomic-file.js'
import {clearLeftOvers, removeDurably} from './durable-files.js'
import {isImageReference} from './image-reference.js'
import {pinsText} from './pins-text.js'
import {usable} from './usable.js'

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
  // eslint-disable-next-line no-restricted-syntax -- It loads the YAML parser, some 50 ms, and most stacks have no pins.
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
