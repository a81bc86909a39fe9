import type {Engine} from '../engine/engine.js'
import type {StackFiles} from '../model/declared.js'
import {OperatorError} from '../model/operator-error.js'
import type {World} from '../plan/world.js'

type Seen = {
  readonly worlds: readonly World[]
  readonly failed: readonly {readonly stack: string; readonly error: OperatorError}[]
}

/** Looks at several stacks at once; one that cannot be read does not hide the others. */
export async function observeEach(stacks: readonly StackFiles[], engine: Engine, signal: AbortSignal): Promise<Seen> {
  const looks = await Promise.all(stacks.map((files) => observeOne(files, engine, signal)))
  return {
    worlds: looks.flatMap((look) => ('observed' in look ? [look] : [])),
    failed: looks.flatMap((look) => ('error' in look ? [look] : [])),
  }
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
    if (error instanceof OperatorError) await engine.requireVersions(signal)
    throw error
  }
}
