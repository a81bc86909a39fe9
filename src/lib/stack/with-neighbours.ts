import type {DeclaredStack, StackFiles} from '../model/stack.js'
import {hasUndeclared} from './neighbours.js'
import {OperatorError} from '../util/errors.js'
import type {World} from './snapshot.js'

/**
 * The world with the homelab's other stacks. They are read only if there is something that may be theirs.
 * @throws what `declare` throws, unless it is an OperatorError: then that stack counts as unread.
 */
export async function withNeighbours(
  world: World,
  all: readonly StackFiles[],
  declare: (files: StackFiles) => Promise<DeclaredStack>,
): Promise<World> {
  const files = all.filter(({name}) => name !== world.stack.name)
  if (!hasUndeclared(world.stack, world.observed)) return {...world, neighbours: {files, declared: [], unread: []}}
  const read = await Promise.all(files.map((one) => readOne(one, declare)))
  return {
    ...world,
    neighbours: {
      files,
      declared: read.flatMap((one) => (typeof one === 'string' ? [] : [one])),
      unread: read.filter((one) => typeof one === 'string'),
    },
  }
}

/** @returns The stack, or its name if it cannot be read. */
async function readOne(files: StackFiles, declare: (files: StackFiles) => Promise<DeclaredStack>): Promise<DeclaredStack | string> {
  try {
    return await declare(files)
  } catch (error) {
    if (error instanceof OperatorError) return files.name
    throw error
  }
}
