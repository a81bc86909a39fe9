import {isMap, isScalar, LineCounter, parseDocument, type Pair} from 'yaml'
import {configurationError} from '../util/errors.js'
import {type Pins, isImageReference} from '../model/image.js'

/** Refuses, and says where. */
type Refuse = (problem: string, node: unknown) => never

/**
 * What a pins file pins. It may hold `services.<name>.image` and nothing else.
 * @param file is named in errors.
 * @throws OperatorError (78) with the line, for a file that somebody edited into something else.
 */
// Imported late, which the check for dead code cannot see.
// ts-unused-exports:disable-next-line
export function parsePins(text: string, file: string): Pins {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, {lineCounter, prettyErrors: false})
  const refuse: Refuse = (problem, node) => {
    throw refused(file, lineCounter.linePos(startOf(node)).line, problem)
  }
  const [broken] = document.errors
  if (broken !== undefined) refuse(`it is not valid YAML: ${broken.message.split('\n')[0]}`, broken)
  const pins = new Map<string, string>()
  for (const services of pairsOf(document.contents, 'the file', refuse)) {
    if (keyOf(services, refuse) !== 'services') refuse(`it may hold "services" only, not "${keyOf(services, refuse)}"`, services.key)
    const entries = pairsOf(services.value, '"services"', refuse)
    // Compose takes a file of comments alone, and not this.
    if (entries.length === 0) refuse('"services" is empty', services.key)
    for (const service of entries) {
      const name = keyOf(service, refuse)
      pins.set(name, imageOf(service, name, refuse))
    }
  }
  return pins
}

function imageOf(service: Pair, name: string, refuse: Refuse): string {
  const pairs = pairsOf(service.value, `"${name}"`, refuse)
  const other = pairs.find((pair) => keyOf(pair, refuse) !== 'image')
  if (other !== undefined) refuse(`"${name}" may have "image" only, not "${keyOf(other, refuse)}"`, other.key)
  const [image] = pairs
  if (image === undefined) return refuse(`"${name}" has no "image"`, service.key)
  const reference: unknown = isScalar(image.value) ? image.value.value : undefined
  if (typeof reference === 'string' && isImageReference(reference)) return reference
  return refuse(`the image of "${name}" is no image name that can be pinned`, image.key)
}

/** Of a mapping, or of nothing. */
function pairsOf(node: unknown, what: string, refuse: Refuse): readonly Pair[] {
  if (node === null || node === undefined || (isScalar(node) && node.value === null)) return []
  return isMap(node) ? node.items : refuse(`${what} is no mapping`, node)
}

function keyOf(pair: Pair, refuse: Refuse): string {
  return isScalar(pair.key) && typeof pair.key.value === 'string' ? pair.key.value : refuse('a name is no text', pair.key)
}

/** Where a node or an error begins, in characters. */
function startOf(node: unknown): number {
  const {range, pos} = (typeof node === 'object' && node !== null ? node : {}) as {range?: readonly number[]; pos?: readonly number[]}
  return range?.[0] ?? pos?.[0] ?? 0
}

const refused = (file: string, line: number, problem: string): Error =>
  configurationError(`${file}, line ${line}: ${problem}.`, [
    'What you want to change of a service belongs into your own Compose file, or into <stack>.override.yml',
    `Mend the line, or remove the file to run what your own files say: rm ${file}`,
  ])
