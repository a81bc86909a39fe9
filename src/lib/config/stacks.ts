import {readdir, readFile, stat} from 'node:fs/promises'
import path from 'node:path'
import {configurationError, refusal} from '../util/errors.js'
import type {StackFiles} from '../model/stack.js'
import {pinsFileName} from '../model/image.js'
import type {Configuration} from './schema.js'

/** `torrent.yml`; not `torrent.override.yml` or `torrent.pins.yml`, which belong to it. */
const STACK_FILE = /^([a-z0-9][a-z0-9_-]*)\.ya?ml$/

/**
 * The stacks of a Compose folder: one a file, plus those that the configuration puts together from other files. A
 * stack's override file is merged after it, and our pins file after both. Sorted by name.
 * @throws OperatorError (78) if the folder cannot be read, or a stack has the name of a word of ours.
 */
export async function findStacks(composeDir: string, configuration: Configuration, reserved: readonly string[]): Promise<StackFiles[]> {
  const entries = await list(composeDir)
  const claimed = new Set(
    Object.values(configuration.stacks)
      .flatMap((stack) => stack.files ?? [])
      .map((file) => path.normalize(file)),
  )
  const candidates = entries.flatMap((entry) => {
    const name = STACK_FILE.exec(entry)?.[1]
    return name === undefined || claimed.has(entry) || configuration.stacks[name]?.files !== undefined
      ? []
      : [{name, files: withOverride(composeDir, entries, entry, name)}]
  })
  const areStacks = await Promise.all(candidates.map(({files}) => mayBeStack(files[0] ?? '')))
  const found = candidates.filter((_, index) => areStacks[index])
  const configured = Object.entries(configuration.stacks).flatMap(([name, {files}]) =>
    files === undefined ? [] : [{name, files: files.map((file) => path.resolve(composeDir, file))}],
  )
  const stacks = [...found, ...configured]
    .map((stack) => withPins(composeDir, entries, stack))
    .toSorted((a, b) => a.name.localeCompare(b.name))
  if (stacks.length === 0) {
    throw configurationError(`There is no stack in ${composeDir}.`, [
      'Put a Compose file there: <stack>.yml, in lower case',
      'or say where your homelab is: --home <folder>, or HOMELAB_HOME in the environment',
    ])
  }
  checkNames(stacks, configuration, reserved)
  return stacks
}

/** `services:` or `include:`, or a file that is laid out in another way than by lines. */
const OF_A_STACK = /^["']?(services|include)["']?\s*:|^\s*\{/m

/**
 * What is beside the Compose files and is none: dependabot.yml, an application's settings. One that cannot be read is told by who
 * needs it.
 */
async function mayBeStack(file: string): Promise<boolean> {
  try {
    const found = await stat(file)
    // Compose would wait at a pipe, for ever.
    return found.isFile() ? OF_A_STACK.test(await readFile(file, 'utf8')) : found.isDirectory()
  } catch {
    return true
  }
}

async function list(composeDir: string): Promise<string[]> {
  try {
    return (await readdir(composeDir)).toSorted()
  } catch (error) {
    throw configurationError(`The Compose folder ${composeDir} cannot be read: ${refusal(error)}`, [
      'Say where your homelab is: --home <folder>, or HOMELAB_HOME in the environment',
    ])
  }
}

function withOverride(composeDir: string, entries: readonly string[], entry: string, name: string): string[] {
  const overrides = [`${name}.override.yml`, `${name}.override.yaml`].filter((file) => entries.includes(file))
  return [entry, ...overrides].map((file) => path.join(composeDir, file))
}

/** Last of all, also if the configuration names it among the others: what is merged later counts. */
function withPins(composeDir: string, entries: readonly string[], {name, files}: StackFiles): StackFiles {
  const pins = path.join(composeDir, pinsFileName(name))
  const own = files.filter((file) => file !== pins)
  return {name, files: entries.includes(pinsFileName(name)) ? [...own, pins] : own}
}

function checkNames(stacks: readonly StackFiles[], configuration: Configuration, reserved: readonly string[]): void {
  const names = stacks.map(({name}) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw configurationError(`There are two Compose files for the stack ${twice}.`, [`Keep one of ${twice}.yml and ${twice}.yaml`])
  const taken = names.find((name) => reserved.includes(name))
  if (taken !== undefined)
    throw configurationError(`A stack cannot be called "${taken}": that is a word of the command line.`, ['Rename its Compose file'])
  for (const [name, {after}] of Object.entries(configuration.stacks)) {
    const unknown = [name, ...after].find((mentioned) => !names.includes(mentioned))
    if (unknown !== undefined)
      throw configurationError(`The configuration names the stack "${unknown}", which has no Compose file.`, [
        `Stacks: ${names.join(', ')}`,
      ])
  }
  const circle = names.map((name) => circleFrom([name], configuration)).find((found) => found !== undefined)
  if (circle !== undefined)
    throw configurationError(`In the configuration these stacks come after each other: ${circle.join(' → ')}.`, [
      'Take one of them out of "after" of another',
    ])
}

/** The way along `after` back to where it began. */
function circleFrom(way: readonly string[], configuration: Configuration): readonly string[] | undefined {
  const [first] = way
  for (const next of configuration.stacks[way.at(-1) ?? '']?.after ?? []) {
    if (next === first) return [...way, next]
    const found = way.includes(next) ? undefined : circleFrom([...way, next], configuration)
    if (found !== undefined) return found
  }
  return undefined
}
