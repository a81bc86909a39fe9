import type {Result} from 'execa'
import {expect} from 'vitest'

type ErrorJson = {message: string; next: string[]; exitCode?: number}
type Step = {action: string; target: string; result?: string; message?: string}
export type Report = {
  stacks: {stack: string; steps?: Step[]; error?: ErrorJson; services?: {service: string; verdict: string; says: string}[]}[]
  errors?: (ErrorJson & {stack: string})[]
}

export const text = (output: unknown): string => (typeof output === 'string' ? output : '')

export const report = (result: Result): Report => JSON.parse(text(result.stdout)) as Report

/** The one error of a command's JSON: its own, or that of its only stack. */
export function errorOf(result: Result): ErrorJson | undefined {
  const json = JSON.parse(text(result.stdout)) as Partial<Report> & {error?: ErrorJson}
  return json.error ?? json.errors?.[0] ?? json.stacks?.[0]?.error
}

export type Refusal = {
  readonly exit: number
  readonly says: string | RegExp
  /** A next step must hold it. */
  readonly next: string | RegExp
  /** Docker's own words: told under --verbose, and not otherwise. */
  readonly docker?: RegExp
}

/** Runs a command as a person, as a program and, for Docker's own words, under --verbose; expects the same refusal of each. */
export async function expectRefused(
  run: (args: readonly string[]) => Promise<Result>,
  args: readonly string[],
  refusal: Refusal,
): Promise<void> {
  // One after the other: side by side they would wait for each other's lock, and say so.
  const plain = await run(args)
  const json = await run([...args, '--json'])
  const verbose = refusal.docker === undefined ? undefined : await run([...args, '--verbose'])
  const all = text(plain.all)
  for (const result of [plain, json, ...(verbose ? [verbose] : [])]) expect(result.exitCode, text(result.all)).toBe(refusal.exit)
  expect(all).toMatch(refusal.says)
  expect(all.split('\n').slice(1).join('\n')).toMatch(refusal.next)
  expect(all).not.toMatch(/^\s+at /m)
  const error = errorOf(json)
  expect(error?.message).toMatch(refusal.says)
  expect(error?.next.join('\n')).toMatch(refusal.next)
  if (error?.exitCode !== undefined) expect(error.exitCode).toBe(refusal.exit)
  expect(text(json.stderr)).toBe('')
  if (refusal.docker === undefined) return
  expect(all).not.toMatch(refusal.docker)
  expect(text(json.all)).not.toMatch(refusal.docker)
  expect(text(verbose?.all)).toMatch(refusal.docker)
}
