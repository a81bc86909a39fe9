import {request as plain} from 'node:http'
import {request as secure} from 'node:https'
import {isIPv4} from 'node:net'
import {limited} from '../util/timeout.js'
import type {Patience} from './gluetun.js'

/** What services of the internet say that this machine's own address is, past the tunnel. */
export type OwnAddress = {
  /** Each that was told, and by how many. */
  readonly told: ReadonlyMap<string, number>
  readonly asked: number
}

/** Asks all at once; one that is away is no matter. @param services URLs that answer with an address and nothing else. */
export async function ownAddress(services: readonly string[], {signal, limit}: Patience): Promise<OwnAddress> {
  const answers = await Promise.all(services.map((url) => limited(signal, limit, (either) => get(url, either)).catch(() => undefined)))
  signal.throwIfAborted()
  const told = new Map<string, number>()
  for (const answer of answers) {
    const text = answer?.trim()
    if (text !== undefined && isIPv4(text)) told.set(text, (told.get(text) ?? 0) + 1)
  }
  return {told, asked: services.length}
}

/** Longer than any address. */
const MOST = 200

/** Over IPv4, as the tunnel's own address is: an IPv6 one could not be compared with it. */
function get(url: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? secure : plain
    const asking = request(url, {family: 4, signal, agent: false, headers: {'user-agent': 'curl/8', accept: 'text/plain'}}, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        if (text.length > MOST) response.destroy()
      })
      response.once('close', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`status ${response.statusCode}`))))
    })
    asking.once('error', reject)
    asking.end()
  })
}
