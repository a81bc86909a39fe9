import type {Engine} from '../engine/engine.js'
import type {StackFiles} from '../model/declared.js'
import {OperatorError} from '../model/operator-error.js'
import type {World} from '../plan/world.js'

export type Seen = {
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
    const stack = await engine.declare(files, signal)
    return {stack, observed: await engine.observe(stack, {}, signal)}
  } catch (error) {
    if (error instanceof OperatorError) return {stack: files.name, error}
    throw error
  }
}
