import {eventually} from './eventually.js'
import type {TorrentStack} from './torrent-stack.js'

/** What goes wrong in a stand-in, and right again. It holds through restarts, and ends with the container. */

/** A page that the health check asks for: without it, it fails. */
const PAGES: Readonly<Record<string, string>> = {sonarr: '/www/ping', radarr: '/www/ping'}

const ailment = (service: string): readonly [caught: readonly string[], cured: readonly string[]] => {
  // The gateway's check looks at nothing that could be taken away.
  if (service === 'gluetun')
    return [
      ['mkdir', '/tmp/gluetun/sick'],
      ['rmdir', '/tmp/gluetun/sick'],
    ]
  const page = PAGES[service]
  if (page === undefined) throw new Error(`nobody knows what the health check of ${service} asks for`)
  return [
    ['mv', page, `${page}.away`],
    ['mv', `${page}.away`, page],
  ]
}

/** Its health check fails from now on. */
export const sicken = (torrent: TorrentStack, service: string): Promise<string> =>
  torrent.docker('exec', torrent.container(service), ...ailment(service)[0])

export const cure = (torrent: TorrentStack, service: string): Promise<string> =>
  torrent.docker('exec', torrent.container(service), ...ailment(service)[1])

/** From now on it takes so many seconds to stop, until its container is replaced. After its grace period Docker kills it. */
export async function slowToStop(torrent: TorrentStack, services: readonly string[], seconds: number): Promise<void> {
  await Promise.all(
    services.map((service) => torrent.docker('exec', torrent.container(service), 'sh', '-c', `echo ${seconds} > /stop-seconds`)),
  )
}

/** The gateway restarts, as it does by itself, by `unless-stopped`, or by somebody's hand. */
export const restartGateway = (torrent: TorrentStack): Promise<string> => torrent.docker('restart', '-t', '1', torrent.container('gluetun'))

/** Ends when the gateway's present start has become healthy. */
export const gatewayHealthy = (torrent: TorrentStack): Promise<true> =>
  eventually(async () => (await torrent.inspect('gluetun')).State.Health?.Status === 'healthy', {within: 20, what: 'a healthy gateway'})
