import type {Finding} from '../../model/finding.js'
import {isRead, type Reading} from '../../vpn/gluetun.js'
import type {App, AskApp} from './app.js'
import {complaints, connections, hasEvent, reachedByBazarr, servers, testResult, type Connection} from './answers.js'
import {bad, configured, good, testedFindings, verdict, type Hop} from './hop.js'
import {complained, proxyFindings} from './read-only.js'

/** Whoever finds and fetches: the two of them do the same for series and films. */
type Finder = 'sonarr' | 'radarr'

const NAMES: Readonly<Record<string, string>> = {sonarr: 'Sonarr', radarr: 'Radarr', prowlarr: 'Prowlarr', seerr: 'Seerr', bazarr: 'Bazarr'}
const nameOf = (service: string): string => NAMES[service] ?? service

/** What an application says of itself: Servarr's /health. */
export async function ownHealth(app: App, version: 'v1' | 'v3', ask: AskApp): Promise<Hop> {
  const said = await ask(app, {path: `/api/${version}/health`})
  const click = `In ${nameOf(app.service)}: System > Status`
  const own = read(said, complaints, 'health', (all) =>
    all.length === 0 ? [good('health', 'it has no complaint')] : all.map(({is, says}) => ({is, check: 'health', says, next: [click]})),
  )
  return {from: app.service, to: undefined, findings: own}
}

export async function seerrTo(seerr: App, finder: Finder, ask: AskApp): Promise<Hop> {
  const path = `/api/v1/settings/${finder}`
  const click = `In Seerr: Settings > Services > ${nameOf(finder)}`
  const listed = await ask(seerr, {path})
  if (!isRead(listed)) return {from: 'seerr', to: finder, findings: [{is: 'unknown', check: 'server', says: listed.says}]}
  const all = servers(listed.value) ?? []
  if (all.length === 0) return {from: 'seerr', to: finder, findings: [bad('server', 'none is configured', click)]}
  const tests = await Promise.all(all.map(({settings}) => ask(seerr, {method: 'POST', path: `${path}/test`, body: settings})))
  const findings = all.map(({name}, index) => {
    const test = tests[index]
    if (test === undefined || (!isRead(test) && test.why !== 'strange'))
      return {is: 'unknown' as const, check: 'server', says: `the test of ${name} could not be run: ${test?.says ?? 'no answer'}`}
    const passed = isRead(test) && typeof test.value === 'object' && test.value !== null && 'profiles' in test.value
    return passed ? good('server', `${name} passes its own test`) : bad('server', `${name} does not pass its own test`, click)
  })
  return {from: 'seerr', to: finder, findings}
}

/** Prowlarr gives its indexers to whoever searches: configured at both ends, tested by Prowlarr. */
export async function finderToProwlarr(finder: App, prowlarr: App, ask: AskApp): Promise<Hop> {
  const [indexers, listed, tested] = await Promise.all([
    ask(finder, {path: '/api/v3/indexer'}),
    ask(prowlarr, {path: '/api/v1/applications'}),
    ask(prowlarr, {method: 'POST', path: '/api/v1/applications/testall'}),
  ])
  const name = nameOf(finder.service)
  const click = `In Prowlarr: Settings > Apps > ${name}`
  const has = read(
    indexers,
    (answer) => (Array.isArray(answer) ? answer : undefined),
    'indexers',
    (all) =>
      all.length > 0
        ? [good('indexers', `${all.length} from Prowlarr`)]
        : [bad('indexers', 'it has none to search', click, 'In Prowlarr: System > Tasks > Application Indexer Sync')],
  )
  return {
    from: finder.service,
    to: 'prowlarr',
    findings: [...has, ...testedFindings({listed, implementation: name, what: 'app', click}, tested)],
  }
}

/**
 * Read, not tested: Prowlarr's test of a proxy has FlareSolverr open a browser and ask a page of the internet. Prowlarr tests it itself
 * when it starts and when it is changed, and complains of it then (`IndexerProxyCheck`).
 */
export async function prowlarrToFlareSolverr(prowlarr: App, flaresolverr: App, ask: AskApp): Promise<Hop> {
  const [listed, indexers, health, said] = await Promise.all([
    ask(prowlarr, {path: '/api/v1/indexerproxy'}),
    ask(prowlarr, {path: '/api/v1/indexer'}),
    ask(prowlarr, {path: '/api/v1/health'}),
    ask(flaresolverr, {path: '/health'}),
  ])
  const own = isRead(said) ? good('health', 'it answers') : bad('health', said.says, 'homelab stack torrent logs -n 50 flaresolverr')
  const click = 'In Prowlarr: Settings > Indexers > Indexer Proxies > FlareSolverr'
  const hop = {from: 'prowlarr', to: 'flaresolverr'}
  // https://github.com/Prowlarr/Prowlarr/blob/develop/src/NzbDrone.Core/IndexerProxies/IndexerProxyDefinition.cs
  const found = configured({listed, implementation: 'FlareSolverr', on: ({tags}) => tags.length > 0, what: 'proxy', click})
  if ('findings' in found) return {...hop, findings: [own, ...found.findings]}
  const theirs = complained(health, {checks: /^IndexerProxy/, what: 'proxy', ours: found.on, all: found.on, click})
  return {
    ...hop,
    findings: [own, ...theirs, ...found.on.flatMap((proxy) => proxyFindings(proxy, {indexers, prowlarr, flaresolverr, click}))],
  }
}

/**
 * Read, not tested: its test logs in (six wrong passwords ban all that is behind the gateway for an hour) and makes the category.
 * Sonarr and Radarr ask their clients every minute, and complain of one that fails:
 * https://github.com/Sonarr/Sonarr/blob/develop/src/NzbDrone.Core/HealthCheck/Checks/DownloadClientStatusCheck.cs
 */
export async function finderToQbittorrent(finder: App, ask: AskApp): Promise<Hop> {
  const [listed, health] = await Promise.all([ask(finder, {path: '/api/v3/downloadclient'}), ask(finder, {path: '/api/v3/health'})])
  const name = nameOf(finder.service)
  const click = `In ${name}: Settings > Download Clients > qBittorrent`
  const hop = {from: finder.service, to: 'qbittorrent'}
  const what = 'download client'
  const found = configured({listed, implementation: 'QBittorrent', what, click})
  if ('findings' in found) return {...hop, findings: found.findings}
  const all = (isRead(listed) && connections(listed.value)) || []
  const theirs = complained(health, {checks: /^DownloadClient(Status)?Check$/, what, ours: found.on, all, click})
  const fine = found.on.map((one) => good(what, `${one.name} is configured, and ${name} has no complaint of it`))
  return {...hop, findings: theirs.length > 0 ? theirs : fine}
}

/** Only this one connection is tested, by its own resource, as the others would send messages, mails, and run scripts. */
export async function finderToPlex(finder: App, ask: AskApp): Promise<Hop> {
  const path = '/api/v3/notification'
  const what = 'connection'
  const click = `In ${nameOf(finder.service)}: Settings > Connect > Plex Media Server`
  const found = configured({listed: await ask(finder, {path}), implementation: 'PlexServer', on: hasEvent, what, click})
  const hop = {from: finder.service, to: 'plex'}
  if ('findings' in found) return {...hop, findings: found.findings}
  // The masked secrets in it are restored by its id.
  const test = async ({name, resource}: Connection): Promise<Finding> => {
    const tested = await ask(finder, {method: 'POST', path: `${path}/test`, body: resource})
    if (!isRead(tested)) return {is: 'unknown', check: what, says: `its test could not be run: ${tested.says}`}
    const result = testResult(tested.value)
    return result === undefined
      ? {is: 'unknown', check: what, says: 'what its test says is not understood'}
      : verdict(what, name, result, click)
  }
  return {...hop, findings: await Promise.all(found.on.map(test))}
}

/** It has no API: whether it has the keys of those that it asks is all that can be told. @param given By `.env`. */
export function unpackerr(
  given: Readonly<Record<Finder, string | undefined>>,
  keys: Readonly<Record<Finder, string | undefined>>,
  stopped: readonly Finding[],
): Hop {
  const findings = (['sonarr', 'radarr'] as const).map((finder): Finding => {
    const variable = `${finder.toUpperCase()}_API_KEY`
    if (keys[finder] === undefined) return {is: 'unknown', check: 'key', says: `the key of ${nameOf(finder)} is not known`}
    if (!given[finder])
      return bad(
        'key',
        `${variable} is not set: it asks ${nameOf(finder)} for nothing`,
        `Set ${variable} in compose/.env, then: homelab stack torrent up unpackerr`,
      )
    if (given[finder] === keys[finder]) return good('key', `it has ${nameOf(finder)}'s`)
    return bad(
      'key',
      `${variable} is not the key that ${nameOf(finder)} has`,
      `Mend it in compose/.env, then: homelab stack torrent up unpackerr`,
    )
  })
  return {from: 'qbittorrent', to: 'unpackerr', findings: [...stopped, ...findings]}
}

export async function finderToBazarr(bazarr: App, finder: Finder, ask: AskApp): Promise<Hop> {
  const said = await ask(bazarr, {path: '/api/system/status'})
  const findings = read(said, reachedByBazarr, 'connection', (reached) =>
    reached[finder]
      ? [good('connection', `Bazarr reaches ${nameOf(finder)}`)]
      : [bad('connection', `Bazarr does not reach ${nameOf(finder)}`, `In Bazarr: Settings > ${nameOf(finder)} > Test`)],
  )
  return {from: finder, to: 'bazarr', findings}
}

function read<T>(
  reading: Reading<unknown>,
  understand: (answer: unknown) => T | undefined,
  check: string,
  judge: (value: T) => Finding[],
): Finding[] {
  if (!isRead(reading)) return [{is: reading.why === 'silent' ? 'bad' : 'unknown', check, says: reading.says}]
  const value = understand(reading.value)
  return value === undefined ? [{is: 'unknown', check, says: 'its answer is not understood'}] : judge(value)
}
