import {realpath} from 'node:fs/promises'
import type {Engine} from '../docker/engine.js'
import type {DeclaredStack, StackFiles} from '../model/stack.js'
import type {ListedContainer} from '../model/container.js'
import {stepsOf, type Plan} from '../model/plan.js'
import {refuseSecond} from './second-instance.js'

/**
 * Asks Docker, if the plan creates anything, whether another project has it already.
 * @param all Every stack of the homelab.
 * @throws OperatorError (78)
 */
export async function requireFirst(
  plan: Plan,
  stack: DeclaredStack,
  all: readonly StackFiles[],
  engine: Engine,
  signal: AbortSignal,
): Promise<void> {
  if (!stepsOf(plan).some(({action}) => action === 'create')) return
  const present = await engine.inventory(signal)
  if (present.length === 0) return
  const {own, neighbours, listed} = await comparable(stack, all, present)
  refuseSecond(plan, own, neighbours, listed)
}

/** A folder may be reached by several paths: Compose keeps the one that was typed. */
export async function comparable(
  stack: DeclaredStack,
  all: readonly StackFiles[],
  listed: readonly ListedContainer[],
): Promise<{own: DeclaredStack; neighbours: readonly StackFiles[]; listed: readonly ListedContainer[]}> {
  const others = all.filter(({name}) => name !== stack.name)
  const [own, neighbours, resolved] = await Promise.all([
    withRealFiles(stack),
    Promise.all(others.map(withRealFiles)),
    Promise.all(listed.map(withRealFiles)),
  ])
  return {own, neighbours, listed: resolved}
}

const withRealFiles = async <T extends {readonly files: readonly string[]}>(one: T): Promise<T> => ({
  ...one,
  files: await Promise.all(one.files.map((file) => realpath(file).catch(() => file))),
})
