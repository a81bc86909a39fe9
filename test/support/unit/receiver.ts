import {once} from 'node:events'
import {request} from 'node:http'
import {connect, type AddressInfo} from 'node:net'
import {onTestFinished} from 'vitest'
import type {Accepted, Announcement} from '../../../src/lib/watch/webhook/payload.js'
import {authenticator, rateLimiter} from '../../../src/lib/watch/webhook/auth.js'
import type {RouteOptions} from '../../../src/lib/watch/webhook/routes.js'
import {receiverServer} from '../../../src/lib/watch/webhook/server.js'
import {aJob} from './job.js'
import {memoryLog} from './memory-log.js'

export const TOKEN = 'correct horse'
export const AUTHORIZATION = `Bearer ${Buffer.from(TOKEN).toString('hex')}`
const SECRET = Buffer.from(TOKEN).toString('hex')

type Sent = {
  readonly method?: string
  readonly path?: string
  readonly body?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  /** Does not say how long the body is. */
  readonly chunked?: true
}
type Got = {readonly status: number; readonly text: string; readonly headers: Readonly<Record<string, unknown>>}

/** A receiver on a port of its own, whose queue is in memory. */
export async function aReceiver(more: Partial<RouteOptions> = {}) {
  const log = memoryLog()
  const taken: Announcement[] = []
  const counted: number[] = []
  const accept = async (announcements: readonly Announcement[]): Promise<Accepted[]> => {
    taken.push(...announcements)
    return announcements.map(({name}) =>
      name === 'nobody' ? {name, status: 'unknown'} : {name, service: 'torrent/sonarr', status: 'queued', job: 'j1'},
    )
  }
  const options: RouteOptions = {
    authenticated: authenticator(SECRET),
    rate: rateLimiter(10_000, Date.now),
    guesses: rateLimiter(1_000, Date.now),
    body: 2_000,
    log,
    accept,
    jobs: async () => [aJob('j1'), aJob('j2', {state: 'done'})],
    health: async () => ({ok: true, queue: 1}),
    samples: async () => [{name: 'jobs', help: 'Jobs.', type: 'gauge', values: [{labels: {state: 'a "b"\\\n'}, value: 2}]}],
    ...more,
  }
  const server = receiverServer(options, log, Date.now, (status) => void counted.push(status))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close().closeAllConnections())
  const {port} = server.address() as AddressInfo
  const connections = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))
  return {
    port,
    log,
    taken,
    counted,
    connections,
    ask: (sent: Sent = {}) => ask(port, sent),
    raw: (text: string | Buffer) => raw(port, text),
  }
}

function ask(
  port: number,
  {method = 'POST', path = '/', body = '', headers = {authorization: AUTHORIZATION}, chunked}: Sent,
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const length = chunked ? {} : {'content-length': String(Buffer.byteLength(body))}
    const asking = request({port, host: '127.0.0.1', method, path, headers: {...headers, ...length}, agent: false}, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString(), headers: response.headers}),
      )
      response.on('error', reject)
    })
    asking.on('error', reject)
    asking.end(body)
  })
}

/** What a connection says to these bytes, until it is closed. */
async function raw(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => undefined)
  socket.end(bytes)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}
