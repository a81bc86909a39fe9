import type {DeclaredStack} from '../../model/declared.js'

/** The stack with other images declared for some services. */
export function withReferences(stack: DeclaredStack, references: ReadonlyMap<string, string>): DeclaredStack {
  if (references.size === 0) return stack
  const services = [...stack.services].map(([name, service]) => [name, {...service, image: references.get(name) ?? service.image}] as const)
  return {...stack, services: new Map(services)}
}
