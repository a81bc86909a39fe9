import type {DeclaredStack} from '../model/stack.js'
import {nearest} from '../util/nearest.js'
import {usageError} from '../util/errors.js'

/** "Did you mean …?" and the full list, as the next steps of an error. */
export function suggestions(word: string, names: readonly string[], what: string): string[] {
  const near = nearest(word, names)
  return [...(near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : []), `${what}: ${names.join(', ')}`]
}

/**
 * The services that a command is about: those named, or every active one.
 * @throws OperatorError (exit 2) for a name that the stack does not have; all wrong names are told at once.
 */
export function selectServices(stack: DeclaredStack, named: readonly string[]): string[] {
  const names = [...stack.services.keys()]
  const unknown = named.filter((name) => !stack.services.has(name))
  if (unknown.length > 0) {
    const next = unknown.flatMap((name) =>
      nearest(name, names)
        .slice(0, 1)
        .map((near) => `${name}: did you mean ${near}?`),
    )
    throw usageError(`The stack ${stack.name} has no service ${unknown.map((name) => `"${name}"`).join(', ')}. Nothing was done.`, [
      ...next,
      `Services of ${stack.name}: ${names.join(', ')}`,
    ])
  }
  if (named.length > 0) return [...new Set(named)]
  return names.filter((name) => stack.services.get(name)?.active)
}
