import type {Finding} from '../../model/finding.js'
import {isRead, type Reading} from '../../vpn/gluetun.js'
import type {App} from './app.js'
import {complaints, connections, settingOf, type Connection} from './answers.js'
import {bad, good} from './hop.js'

/** What can be told of a connection without a test of it. Pure. */

type Complained = {
  /** Which of the application's checks are about it. */
  readonly checks: RegExp
  readonly what: string
  readonly ours: readonly Connection[]
  /** All that the same checks are about. */
  readonly all: readonly Connection[]
  readonly click: string
}

/** What the application itself says of these connections; a complaint that names only others is not theirs. None: it has no complaint. */
export function complained(health: Reading<unknown>, {checks, what, ours, all, click}: Complained): Finding[] {
  if (!isRead(health)) return [{is: 'unknown', check: what, says: `whether it has a complaint is not known: ${health.says}`}]
  const said = complaints(health.value)
  if (said === undefined)
    return [{is: 'unknown', check: what, says: 'whether it has a complaint is not known: its answer is not understood'}]
  const names = (message: string, those: readonly Connection[]): boolean => those.some(({name}) => name !== '' && message.includes(name))
  return said
    .filter(({source, says}) => checks.test(source) && (names(says, ours) || !names(says, all)))
    .map(({says}) => bad(what, says, click))
}

type ProxySeen = {readonly indexers: Reading<unknown>; readonly prowlarr: App; readonly flaresolverr: App; readonly click: string}

/** FlareSolverr's own port. */
const PORT = '8191'

/** Where a proxy points, and for whom it is used: indexers that have one of its tags. */
export function proxyFindings(proxy: Connection, {indexers, prowlarr, flaresolverr, click}: ProxySeen): Finding[] {
  const near = prowlarr.door === flaresolverr.door ? ['localhost', '127.0.0.1'] : [flaresolverr.door]
  const host = settingOf(proxy, 'host')
  const url = host !== undefined && URL.canParse(host) ? new URL(host) : undefined
  const there = url !== undefined && url.port === PORT && near.includes(url.hostname)
  const at: Finding = there
    ? good('proxy', `${proxy.name} is configured, at ${url.origin}`)
    : {
        is: 'unknown',
        check: 'proxy',
        says: `${proxy.name} points to ${url?.origin ?? 'no address'}, and not to http://${near[0]}:${PORT}: it was not tried`,
        next: [click],
      }
  return [at, users(proxy, indexers, click)]
}

function users({tags}: Connection, indexers: Reading<unknown>, click: string): Finding {
  const all = isRead(indexers) ? connections(indexers.value) : undefined
  if (all === undefined) return {is: 'unknown', check: 'indexers', says: 'which indexers use it is not known'}
  const theirs = all.filter((one) => one.tags.some((tag) => tags.includes(tag)))
  return theirs.length > 0
    ? good('indexers', `used for ${theirs.map(({name}) => name).join(', ')}`)
    : {is: 'warn', check: 'indexers', says: 'no indexer has its tag: it is used for none', next: [click]}
}
