import path from 'node:path'
import {type App, type AskApp, askApps, readKey, type Key} from './app.js'
import type {Hop} from './hop.js'
import * as hops from './hops.js'
import type {Finding} from '../../model/finding.js'
import {publishedPort} from '../../model/container.js'
import type {World} from '../../stack/snapshot.js'

type FlowLook = {
  readonly worlds: readonly World[]
  /** Of `.env`. */
  readonly variables: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Milliseconds for one question: a test of an application asks others. */
  readonly limit: number
}

/** The ports of the applications themselves; where they are published Docker tells. */
const PORTS = {seerr: 5055, sonarr: 8989, radarr: 7878, prowlarr: 9696, flaresolverr: 8191, bazarr: 6767} as const
type Name = keyof typeof PORTS

/** An application that can be asked, or why it cannot. */
type Found = {readonly app: App} | {readonly missing: Finding}

/** The way from a request to the television, each step asked through the applications' own APIs; the architecture's diagram 2. */
export async function lookAtFlow(look: FlowLook): Promise<Hop[]> {
  const ask = askApps(look.signal, look.limit)
  const names = Object.keys(PORTS) as Name[]
  const found = new Map(await Promise.all(names.map(async (name): Promise<[Name, Found]> => [name, await find(name, look)])))
  return Promise.all(steps(found, ask, look))
}

function steps(found: ReadonlyMap<Name, Found>, ask: AskApp, {variables, worlds}: FlowLook): Promise<Hop>[] {
  const finders = ['sonarr', 'radarr'] as const
  const given = {sonarr: variables.SONARR_API_KEY, radarr: variables.RADARR_API_KEY}
  const keys = {sonarr: keyOf(found.get('sonarr')), radarr: keyOf(found.get('radarr'))}
  const hop = (from: Name, to: string | undefined, needed: readonly Name[], make: (...apps: App[]) => Promise<Hop>): Promise<Hop> => {
    const missing = needed.flatMap((name) => missingOf(found.get(name)))
    if (missing.length > 0) return Promise.resolve({from, to, findings: missing})
    return make(...needed.flatMap((name) => appOf(found.get(name))))
  }
  const also =
    (name: string) =>
    (made: Hop): Hop => ({...made, findings: [...running(name, worlds), ...made.findings]})
  const each = (make: (finder: 'sonarr' | 'radarr') => Promise<Hop>): Promise<Hop>[] => finders.map(make)
  return [
    ...each((finder) => hop('seerr', finder, ['seerr'], (seerr) => hops.seerrTo(seerr, finder, ask))),
    ...each((finder) => hop(finder, undefined, [finder], (app) => hops.ownHealth(app, 'v3', ask))),
    ...each((finder) => hop(finder, 'prowlarr', [finder, 'prowlarr'], (app, prowlarr) => hops.finderToProwlarr(app, prowlarr, ask))),
    hop('prowlarr', undefined, ['prowlarr'], (app) => hops.ownHealth(app, 'v1', ask)),
    hop('prowlarr', 'flaresolverr', ['prowlarr', 'flaresolverr'], (app, flare) => hops.prowlarrToFlareSolverr(app, flare, ask)),
    ...each((finder) => hop(finder, 'qbittorrent', [finder], (app) => hops.finderToQbittorrent(app, ask)).then(also('qbittorrent'))),
    Promise.resolve(hops.unpackerr(given, keys, running('unpackerr', worlds))),
    ...each((finder) => hop(finder, 'bazarr', ['bazarr'], (bazarr) => hops.finderToBazarr(bazarr, finder, ask))),
    ...each((finder) => hop(finder, 'plex', [finder], (app) => hops.finderToPlex(app, ask)).then(also('plex'))),
  ]
}

/** Nothing, if it does. */
function running(name: string, worlds: readonly World[]): Finding[] {
  const world = worlds.find(({stack}) => stack.services.has(name))
  if (world?.observed.containers.get(name)?.state === 'running') return []
  const next = world === undefined ? [] : [`homelab stack ${world.stack.name} up ${name}`]
  return [{is: 'bad', check: name, says: world === undefined ? `no stack has a service ${name}` : `${name} does not run`, next}]
}

const appOf = (found: Found | undefined): App[] => (found !== undefined && 'app' in found ? [found.app] : [])
const missingOf = (found: Found | undefined): Finding[] => (found !== undefined && 'missing' in found ? [found.missing] : [])
const keyOf = (found: Found | undefined): string | undefined => appOf(found)[0]?.key

async function find(name: Name, {worlds, variables, limit}: FlowLook): Promise<Found> {
  const [stopped] = running(name, worlds)
  const world = worlds.find(({stack}) => stack.services.has(name))
  if (world === undefined || stopped !== undefined) return {missing: stopped ?? NOBODY}
  const {containers} = world.observed
  const door = world.stack.services.get(name)?.gateway ?? name
  const container = containers.get(door)
  const at = container && publishedPort(container, PORTS[name])
  if (at === undefined) return {missing: {is: 'bad', check: name, says: `port ${PORTS[name]} of ${name} is not published to this machine`}}
  const key: Key = await readKey(name, path.join(variables.CONFIG_DIR || '/var/lib/homelab-media-configs', name), limit)
  if ('missing' in key) return {missing: {is: 'unknown', check: name, says: key.missing}}
  return {app: {service: name, door, url: `http://${at.host}:${at.port}`, key: key.key}}
}

const NOBODY: Finding = {is: 'bad', check: 'service', says: 'no stack has it'}
