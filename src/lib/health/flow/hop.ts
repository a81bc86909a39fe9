import type {Finding} from '../../model/finding.js'
import {isRead, type Reading} from '../../vpn/gluetun.js'
import {connections, testResults, type Connection, type TestResult} from './answers.js'

/** One step of the way from a request to the television. */
export type Hop = {
  readonly from: string
  /** undefined: what `from` says of itself. */
  readonly to: string | undefined
  readonly findings: readonly Finding[]
}

export const good = (check: string, says: string): Finding => ({is: 'good', check, says})
export const bad = (check: string, says: string, ...next: string[]): Finding => ({is: 'bad', check, says, next})

type Wanted = {
  /** Its list of connections. */
  readonly listed: Reading<unknown>
  /** Which of them is meant: "QBittorrent". */
  readonly implementation: string
  /** Whether it is used; what its list says, if nothing is given. */
  readonly on?: (connection: Connection) => boolean
  /** "download client" */
  readonly what: string
  /** Where a person adds or mends it. */
  readonly click: string
}

/** Those that are configured and switched on, or what is to be said instead. Pure. */
export function configured({listed, implementation, on, what, click}: Wanted): {on: Connection[]} | {findings: Finding[]} {
  if (!isRead(listed)) return {findings: [{is: 'unknown', check: what, says: listed.says}]}
  const all = connections(listed.value)
  if (all === undefined) return {findings: [{is: 'unknown', check: what, says: 'its answer is not understood'}]}
  const found = all.filter((one) => one.implementation === implementation)
  if (found.length === 0) return {findings: [bad(what, 'none is configured', click)]}
  const used = found.filter((one) => one.enabled && (on?.(one) ?? true))
  return used.length > 0 ? {on: used} : {findings: [bad(what, `${found.map(({name}) => name).join(', ')} is switched off`, click)]}
}

/** Connections that are configured, switched on, and pass the application's own test of all (`testall`). Pure. */
export function testedFindings(wanted: Wanted, tested: Reading<unknown>): Finding[] {
  const {what, click} = wanted
  const found = configured(wanted)
  if ('findings' in found) return found.findings
  if (!isRead(tested)) return [{is: 'unknown', check: what, says: `its test could not be run: ${tested.says}`}]
  const results = testResults(tested.value)
  if (results === undefined) return [{is: 'unknown', check: what, says: 'what its test says is not understood'}]
  return found.on.map(({id, name}) => {
    const result = results.get(id)
    if (result === undefined) return {is: 'unknown', check: what, says: `${name} was left out of its own test`, next: [click]}
    return verdict(what, name, result, click)
  })
}

/** What the application's own test of one connection says. */
export const verdict = (what: string, name: string, result: TestResult, click: string): Finding =>
  result.passed ? good(what, `${name} passes its own test`) : bad(what, `${name} does not pass its own test: ${result.why}`, click)
