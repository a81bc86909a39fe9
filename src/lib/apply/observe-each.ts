import type {Engine} from '../engine/engine.js'
import type {DeclaredStack, StackFiles} from '../model/declared.js'
import {OperatorError} from '../model/operator-error.js'
import type {World} from '../plan/world.js'
import {withUnconfigured} from './unconfigured.js'
import {withNeighbours} from './with-neighbours.js'

type Seen = {
  readonly worlds: readonly World[]
  readonly failed: readonly {readonly stack: string; readonly error: OperatorError}[]
}

/**
 * Looks at several stacks at once; one that cannot be read does not hide the others.
 * @param all Every stack of the homelab: what a stack does not declare may belong to another one of the same project.
 */
export async function observeEach(stacks: readonly StackFiles[], engine: Engine, signal: AbortSignal, all = stacks): Promise<Seen> {
  const looks = await Promise.all(stacks.map((files) => observeOne(files, engine, signal)))
  const worlds = looks.flatMap((look) => ('observed' in look ? [look] : []))
  const failed = looks.flatMap((look) => ('error' in look ? [look] : []))
  const declare = async (files: StackFiles): Promise<DeclaredStack> => {
    const error = failed.find(({stack}) => stack === files.name)?.error
    if (error !== undefined) throw error
    return worlds.find(({stack}) => stack.name === files.name)?.stack ?? engine.declare(files, signal)
  }
  const whole = worlds.map(async (world) => withUnconfigured(await withNeighbours(world, all, declare)))
  return {worlds: await Promise.all(whole), failed}
}

async function observeOne(files: StackFiles, engine: Engine, signal: AbortSignal): Promise<World | {stack: string; error: OperatorError}> {
  try {
    return await glance(files, engine, signal)
  } catch (error) {
    if (error instanceof OperatorError) return {stack: files.name, error}
    throw error
  }
}

/** Versions are asked for only when the files cannot be read: a look is to be short. */
async function glance(files: StackFiles, engine: Engine, signal: AbortSignal): Promise<World> {
  try {
    return await engine.glance(files, signal)
  } catch (error) {
    // That Compose is too old comes before what an old Compose thinks of the files.
    if (error instanceof OperatorError && !error.passing) await engine.requireVersions(signal)
    throw error
  }
}
