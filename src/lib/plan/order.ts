import {configurationError} from '../model/operator-error.js'
import {requirementsOf, type DeclaredStack} from '../model/declared.js'

/**
 * Groups `names` so that each service comes after everything it requires. Requirements outside of `names` do not count.
 * @throws OperatorError (exit 78) for a circle, which Compose refuses too.
 */
export function levels(stack: DeclaredStack, names: readonly string[]): string[][] {
  const left = new Set(names)
  const result: string[][] = []
  while (left.size > 0) {
    const level = [...left].filter((name) => requirements(stack, name).every((required) => !left.has(required)))
    if (level.length === 0) {
      throw configurationError(`The services ${[...left].join(', ')} of ${stack.name} wait for each other: depends_on has a circle.`)
    }
    for (const name of level) left.delete(name)
    result.push(level)
  }
  return result
}

export function requirements(stack: DeclaredStack, name: string): string[] {
  const service = stack.services.get(name)
  return service === undefined ? [] : requirementsOf(service).map((dependency) => dependency.service)
}
