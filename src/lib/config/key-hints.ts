import {z} from 'zod'
import {nearest} from '../util/nearest.js'

/** "Did you mean health.mediaDisk?", for a key that is not known at that place; none, if nothing is like it. */
// Imported late, which the check for dead code cannot see.
// ts-unused-exports:disable-next-line
export function keyHint(schema: z.ZodType, path: readonly PropertyKey[], unknown: string): string[] {
  const names = [...path.map(String)]
  const known = keysAt(schema, names)
  const [near] = nearest(
    unknown.toLowerCase(),
    known.map((name) => name.toLowerCase()),
  )
  const meant = known.find((name) => name.toLowerCase() === near)
  return meant === undefined ? [] : [`Did you mean ${[...names, meant].join('.')}?`]
}

function keysAt(schema: unknown, path: readonly string[]): string[] {
  const inner = unwrapped(schema)
  const [first, ...rest] = path
  if (inner instanceof z.ZodRecord) return first === undefined ? [] : keysAt(inner.valueType, rest)
  if (!(inner instanceof z.ZodObject)) return []
  const shape = inner.shape as Readonly<Record<string, unknown>>
  return first === undefined ? Object.keys(shape) : keysAt(shape[first], rest)
}

function unwrapped(schema: unknown): unknown {
  const wraps = schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional
  return wraps ? unwrapped(schema.unwrap()) : schema
}
