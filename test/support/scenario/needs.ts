import {execa} from 'execa'
import {describe, it} from 'vitest'

/** What of this machine a test cannot be without, where it is missing: "root". */
export type Missing = string | undefined

/** What is skipped says why in its title: scripts/count-results.mjs reads it there, for the last line of `npm test`. */
const titleOf = (name: string, missing: string): string => `${name} [not run: it needs ${missing}]`

export const describeUnless = (missing: Missing, name: string, body: () => void): unknown =>
  missing === undefined ? describe(name, body) : describe.skip(titleOf(name, missing), body)

export const itUnless = (missing: Missing, name: string, body: () => Promise<void>): unknown =>
  missing === undefined ? it(name, body) : it.skip(titleOf(name, missing), body)

export const lacksRoot = (): Missing => (process.getuid?.() === 0 ? undefined : 'root')

/** Root with a view of the file system of its own. */
export async function lacksOwnView(): Promise<Missing> {
  if (lacksRoot() !== undefined) return lacksRoot()
  const {failed} = await execa('unshare', ['--mount', 'true'], {reject: false})
  return failed ? 'a mount namespace of its own, which unshare may not make here' : undefined
}
