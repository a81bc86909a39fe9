import type {Finding} from '../model/finding.js'
import {isRead, type Reading} from '../vpn/reading.js'
import type {App, AskApp} from './app.js'
import {complaints, reachedByBazarr, servers} from './answers.js'
import {bad, connectionFindings, good, type Hop} from './hop.js'

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
    const passed = test !== undefined && isRead(test) && typeof test.value === 'object' && test.value !== null && 'profiles' in test.value
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
  const wanted = ({implementation}: {implementation: string}): boolean => implementation === name
  return {from: finder.service, to: 'prowlarr', findings: [...has, ...connectionFindings({listed, tested, wanted, what: 'app', click})]}
}

export async function prowlarrToFlareSolverr(prowlarr: App, flaresolverr: App, ask: AskApp): Promise<Hop> {
  const [listed, tested, said] = await Promise.all([
    ask(prowlarr, {path: '/api/v1/indexerproxy'}),
    ask(prowlarr, {method: 'POST', path: '/api/v1/indexerproxy/testall'}),
    ask(flaresolverr, {path: '/health'}),
  ])
  const wanted = ({implementation}: {implementation: string}): boolean => implementation === 'FlareSolverr'
  const own = isRead(said) ? good('health', 'it answers') : bad('health', said.says, 'homelab stack torrent logs -n 50 flaresolverr')
  const click = 'In Prowlarr: Settings > Indexers > Indexer Proxies > FlareSolverr'
  return {from: 'prowlarr', to: 'flaresolverr', findings: [own, ...connectionFindings({listed, tested, wanted, what: 'proxy', click})]}
}

export const finderToQbittorrent = (finder: App, ask: AskApp): Promise<Hop> =>
  connected(finder, 'qbittorrent', ask, {
    path: '/api/v3/downloadclient',
    implementation: 'QBittorrent',
    what: 'download client',
    click: `In ${nameOf(finder.service)}: Settings > Download Clients > qBittorrent`,
  })

export const finderToPlex = (finder: App, ask: AskApp): Promise<Hop> =>
  connected(finder, 'plex', ask, {
    path: '/api/v3/notification',
    implementation: 'PlexServer',
    what: 'connection',
    click: `In ${nameOf(finder.service)}: Settings > Connect > Plex Media Server`,
  })

type Connected = {readonly path: string; readonly implementation: string; readonly what: string; readonly click: string}

async function connected(finder: App, to: string, ask: AskApp, {path, implementation, what, click}: Connected): Promise<Hop> {
  const [listed, tested] = await Promise.all([ask(finder, {path}), ask(finder, {method: 'POST', path: `${path}/testall`})])
  const wanted = (connection: {implementation: string}): boolean => connection.implementation === implementation
  return {from: finder.service, to, findings: connectionFindings({listed, tested, wanted, what, click})}
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
