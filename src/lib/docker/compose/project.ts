import {access} from 'node:fs/promises'
import path from 'node:path'
import type {ObservedContainer} from '../../model/container.js'
import {pinsFileName} from '../../model/image.js'
import type {DeclaredStack, StackFiles} from '../../model/stack.js'
import {brokenFiles} from '../errors.js'
import {requireSecrets} from '../redact.js'
import * as argv from './cli.js'
import {type Program, runProgram} from './cli.js'
import {onlyServices, toDeclared, type ComposeModel, projectWithoutName, isComparable, parseHashes, withGatewayIds, withoutDependencies} from './model.js'

export type ReaderParts = {
  readonly compose: Program
  /** Where the Compose files and `.env` are. */
  readonly composeDir: string
  /** The profiles that are switched on. */
  readonly profiles: ReadonlySet<string>
  /** Of the projects of stacks that do not name theirs. */
  readonly prefix: string
  /** The names of the variables that Compose can see. */
  readonly variables: ReadonlySet<string>
}

/** Reads stacks as Compose resolves their files, and keeps each whole model, secrets included, for hashing. */
export class StackReader {
  /** By stack. It never leaves the engine. */
  private readonly models = new Map<string, ComposeModel>()

  constructor(private readonly parts: ReaderParts) {}

  /**
   * Ends when Compose has been started, which is to be before anything large is loaded: it takes the longest.
   * @returns The stack to come; it rejects with an OperatorError (78) that tells what is wrong with the files.
   */
  async begin(files: StackFiles, signal: AbortSignal): Promise<{stack: Promise<DeclaredStack>}> {
    const {compose, composeDir, prefix} = this.parts
    const present = await withPinsFile(files, composeDir)
    const args = argv.config({...present, project: await projectWithoutName(present, prefix)}, composeDir)
    const otherwise = brokenFiles(files.name, present.files)
    const doing = `Reading the stack ${files.name}`
    const text = runProgram(compose, doing, args, {signal, otherwise})
    const own = withoutPins(present)
    // A pin outlives its service, and must not bring it back as a service of nothing but an image.
    const names = own === undefined ? undefined : runProgram(compose, doing, argv.services(own, composeDir), {signal, otherwise})
    const both = Promise.all([text, names])
    return {stack: both.then(([model, known]) => this.resolve(present, model, known))}
  }

  modelOf(stack: DeclaredStack): ComposeModel {
    return this.models.get(stack.name) ?? {name: stack.project}
  }

  /** @param known The names of those that are declared without pins, a line each; undefined: there are no pins. */
  private resolve(files: StackFiles, text: string, known: string | undefined): DeclaredStack {
    const whole = JSON.parse(text) as ComposeModel
    const model = known === undefined ? whole : onlyServices(whole, new Set(known.split('\n').map((line) => line.trim())))
    requireSecrets(model, this.parts.variables)
    this.models.set(files.name, model)
    return toDeclared(files, model, this.parts.profiles)
  }
}

/** The stack with its pins file as it is at this moment: an update writes it, and takes it away, while others work. */
export async function withPinsFile<T extends StackFiles>(stack: T, composeDir: string): Promise<T> {
  const pins = path.join(composeDir, pinsFileName(stack.name))
  const others = stack.files.filter((file) => file !== pins)
  const there = await access(pins).then(
    () => true,
    () => false,
  )
  return {...stack, files: there ? [...others, pins] : others}
}

/** As its owner's files alone have it; undefined: it has no pins. */
function withoutPins<T extends StackFiles>(stack: T): T | undefined {
  const files = stack.files.filter((file) => path.basename(file) !== pinsFileName(stack.name))
  return files.length === stack.files.length ? undefined : {...stack, files}
}

/** By service: the hashes that a container created now could carry, for those whose hash can be compared. */
export async function configHashes(
  {compose, composeDir}: {readonly compose: Program; readonly composeDir: string},
  declared: ComposeModel,
  containers: ReadonlyMap<string, ObservedContainer>,
  signal: AbortSignal,
): Promise<Map<string, string[]>> {
  const model = withGatewayIds(declared, new Map([...containers].map(([service, {id}]) => [service, id])))
  const hash = async (input: ComposeModel): Promise<Map<string, string>> =>
    parseHashes(
      await runProgram(compose, `Hashing the stack ${declared.name}`, argv.hashes(composeDir), {input: JSON.stringify(input), signal}),
    )
  const [full, alone] = await Promise.all([hash(model), hash(withoutDependencies(model))])
  const comparable = [...full].filter(([service]) => isComparable(model.services?.[service]))
  return new Map(comparable.map(([service, own]) => [service, [own, alone.get(service) ?? own]]))
}
