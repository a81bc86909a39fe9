import type {Finding} from '../model/finding.js'
import {isRead, type Reading} from '../vpn/reading.js'
import {connections, testFailures, type Connection} from './answers.js'

/** One step of the way from a request to the television. */
export type Hop = {
  readonly from: string
  /** undefined: what `from` says of itself. */
  readonly to: string | undefined
  readonly findings: readonly Finding[]
}

export const good = (check: string, says: string): Finding => ({is: 'good', check, says})
export const bad = (check: string, says: string, ...next: string[]): Finding => ({is: 'bad', check, says, next})

type Asked = {
  /** Its list of connections, and its own test of all of them. */
  readonly listed: Reading<unknown>
  readonly tested: Reading<unknown>
  /** Which of them is meant: "QBittorrent". */
  readonly wanted: (connection: Connection) => boolean
  /** "download client" */
  readonly what: string
  /** Where a person adds or mends it. */
  readonly click: string
}

/** A connection that is configured, switched on, and passes the application's own test of it. Pure. */
export function connectionFindings({listed, tested, wanted, what, click}: Asked): Finding[] {
  if (!isRead(listed)) return [{is: 'unknown', check: what, says: listed.says}]
  const all = connections(listed.value)
  if (all === undefined) return [{is: 'unknown', check: what, says: 'its answer is not understood'}]
  const found = all.filter(wanted)
  if (found.length === 0) return [bad(what, 'none is configured', click)]
  const on = found.filter(({enabled}) => enabled)
  if (on.length === 0) return [bad(what, `${found.map(({name}) => name).join(', ')} is switched off`, click)]
  if (!isRead(tested)) return [{is: 'unknown', check: what, says: `its test could not be run: ${tested.says}`}]
  const failures = testFailures(tested.value)
  if (failures === undefined) return [{is: 'unknown', check: what, says: 'what its test says is not understood'}]
  return on.map(({id, name}) => {
    const why = failures.get(id)
    return why === undefined ? good(what, `${name} passes its own test`) : bad(what, `${name} does not pass its own test: ${why}`, click)
  })
}
