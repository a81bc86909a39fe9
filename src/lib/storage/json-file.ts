import type {Log} from '../model/log.js'
import {configurationError, OperatorError, refusal} from '../util/errors.js'

/** Whether a value that was read from a file is what it should be. */
export type Check = (value: unknown) => boolean

export const text: Check = (value) => typeof value === 'string'
export const number: Check = (value) => typeof value === 'number' && Number.isFinite(value)
export const absent: Check = (value) => value === undefined
export const isTrue: Check = (value) => value === true

export const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value)

export const either =
  (...checks: readonly Check[]): Check =>
  (value) =>
    checks.some((check) => check(value))

export const orNone = (check: Check): Check => either(absent, check)

export const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every((entry) => check(entry))

/** An object that has at least these. */
export const object =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(shape).every(([name, check]) => check(value[name]))

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Of an object, what is named in `shape` and is as it should be; the rest is left out. */
export function pick(value: unknown, shape: Readonly<Record<string, Check>>): Record<string, unknown> {
  if (!isObject(value)) return {}
  return Object.fromEntries(
    Object.entries(shape).flatMap(([name, check]) => (name in value && check(value[name]) ? [[name, value[name]]] : [])),
  )
}

/** @returns undefined for what is no JSON. */
export function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/**
 * Runs `work` on a file of ours.
 * @param what The subject of a sentence, with the file's path: "The pins file <path>".
 * @throws OperatorError (78) that names the file, if it cannot be read or written; an OperatorError of `work` as it is.
 */
export async function usable<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OperatorError) throw error
    throw configurationError(`${what} cannot be used: ${refusal(error)}`, [
      'Run the command with sudo, or as the user that homelab watch runs as',
      'or see whether the disk is full: df -h',
    ])
  }
}

/** What is found at every look is worth a line at the first. */
export function warnOnce(log: Log): (text: string) => void {
  const told = new Set<string>()
  return (text) => {
    if (!told.has(text)) log.warn(text)
    told.add(text)
  }
}
