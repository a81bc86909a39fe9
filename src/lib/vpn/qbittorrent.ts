import type {Settings} from '../model/gateway-settings.js'
import {repositoryOf} from '../model/image.js'
import {dependentsOf, type DeclaredStack} from '../model/stack.js'
import {isRead, type Reading} from './gluetun.js'

/** What decides whether peers reach qBittorrent. */
export type Preferences = {
  readonly port: number
  /** "" is every interface. */
  readonly interface: string
  /** A new port at each start. */
  readonly random: boolean
}

/** Runs a program where qBittorrent is "localhost"; undefined: it did not end in time. */
type RunInside = (argv: readonly string[]) => Promise<{readonly code: number; readonly output: string} | undefined>

export type QBittorrent = {
  preferences(): Promise<Reading<Preferences>>
  /** Away from the interface and back: after a reconnect it listens again on the same port only if its settings change. */
  listen(port: number, networkInterface: string): Promise<Reading<true>>
}

/**
 * Its Web API, asked from inside the namespace: there it needs no password, if "Bypass authentication for clients on
 * localhost" is on. https://github.com/qbittorrent/qBittorrent/wiki/WebUI-API-(qBittorrent-4.1)#application
 */
export function qBittorrent(run: RunInside, port: number): QBittorrent {
  const base = `http://127.0.0.1:${port}/api/v2/app`
  const ask = async (...args: string[]): Promise<Reading<string>> => {
    const ran = await run(['timeout', '5', 'wget', '-q', '-O', '-', ...args])
    if (ran === undefined) return {why: 'silent', says: 'qBittorrent does not answer'}
    return ran.code === 0 ? {value: ran.output} : failure(ran.output)
  }
  const set = (preferences: object) => ask('--post-data', `json=${JSON.stringify(preferences)}`, `${base}/setPreferences`)
  return {
    preferences: async () => {
      const said = await ask(`${base}/preferences`)
      return isRead(said) ? toPreferences(said.value) : said
    },
    listen: async (listenPort, networkInterface) => {
      const away = await set({current_network_interface: 'lo'})
      if (!isRead(away)) return away
      const back = {listen_port: listenPort, current_network_interface: networkInterface, random_port: false, upnp: false}
      const done = await set(back)
      return isRead(done) ? {value: true} : done
    },
  }
}

function failure(output: string): {readonly why: 'refused' | 'silent'; readonly says: string} {
  const said = (output.trim().split('\n').at(-1) ?? '').trim().replace(/^wget: /, '')
  if (/ (401|403) /.test(`${said} `)) return {why: 'refused', says: 'qBittorrent asks for a password'}
  return {why: 'silent', says: `qBittorrent does not answer: ${said}`}
}

function toPreferences(text: string): Reading<Preferences> {
  const strange = {why: 'strange', says: 'qBittorrent answered with something else than its preferences'} as const
  try {
    const found = JSON.parse(text) as {listen_port?: unknown; current_network_interface?: unknown; random_port?: unknown}
    if (typeof found.listen_port !== 'number') return strange
    const its = typeof found.current_network_interface === 'string' ? found.current_network_interface : ''
    return {value: {port: found.listen_port, interface: its, random: found.random_port === true}}
  } catch {
    return strange
  }
}

/** qBittorrent behind a gateway: its service, and the port of its Web API in there. */
type TorrentClient = {readonly service: string; readonly port: number}

/** What qBittorrent listens on, unless its label `homelab.probe` names another port. */
const PORT = 8080

/** By its image; undefined: there is none behind this gateway. Pure. */
export function torrentClient(stack: DeclaredStack, gateway: string): TorrentClient | undefined {
  const found = dependentsOf(stack, gateway).find(({image}) => /(^|[-_/])qbittorrent($|[-_])/.test(repositoryOf(image ?? '').toLowerCase()))
  return found && {service: found.name, port: Number(/^(?:https?:)?(\d+)/.exec(found.labels.get('homelab.probe') ?? '')?.[1] ?? PORT)}
}

/** The tunnel's interface in the namespace; `tun0` is Gluetun's own default. */
export const tunnelInterface = (settings: Settings | undefined): string => settings?.get('VPN_INTERFACE') ?? 'tun0'
