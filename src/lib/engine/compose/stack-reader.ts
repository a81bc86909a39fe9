import type {DeclaredStack, StackFiles} from '../../model/declared.js'
import {brokenFiles} from '../explain.js'
import * as argv from './argv.js'
import {onlyServices, toDeclared, type ComposeModel} from './model.js'
import {withoutPins, withPinsFile} from './pins-file.js'
import type {Program} from './program.js'
import {projectWithoutName} from './project-name.js'
import {runProgram} from './run.js'
import {requireSecrets} from './secrets.js'

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
