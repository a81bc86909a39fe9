import {dependentsOf, type DeclaredStack} from '../model/declared.js'
import type {Settings} from '../model/gateway-settings.js'
import {repositoryOf} from '../model/kept.js'

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
