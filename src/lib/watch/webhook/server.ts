import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {Socket} from 'node:net'
import {steadyClock} from '../../model/clock.js'
import type {Log} from '../../model/log.js'
import {refuse, route, type Answer, type RouteOptions} from './routes.js'

/** Connections at once, in all and of one address: a client that is slow must not keep others out. */
const CONNECTIONS = 1_024
const CONNECTIONS_EACH = 256

const LIMITS = {
  maxHeaderSize: 8_192,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  /** Node looks only so often for those that have run out of time. */
  connectionsCheckingInterval: 1_000,
} as const

/** The server, which does not listen yet. @param count Told the status of every answer. */
export function receiverServer(options: RouteOptions, log: Log, now: () => number, count: (status: number) => void): Server {
  const refused = refusals(log, now)
  const server = createServer(LIMITS, (request, response) => {
    void answerTo(request, options).then((answer) => {
      count(answer.status)
      if (answer.status >= 400 && answer.status !== 503) refused(request.socket.remoteAddress ?? '', `${answer.status} ${wordsOf(request)}`)
      send(response, request, answer)
    })
  })
  server.maxConnections = CONNECTIONS
  limitEach(server)
  server.on('clientError', (_error, socket) => {
    // Not left to the client to close: one that never does would keep its place.
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n', () => socket.destroy())
    else socket.destroy()
  })
  return server
}

/** A client that goes away in the middle, and whatever nobody thought of. */
async function answerTo(request: IncomingMessage, options: RouteOptions): Promise<Answer> {
  try {
    return await route(request, options)
  } catch (error) {
    if (!request.destroyed)
      options.log.error(`a request could not be answered: ${error instanceof Error ? (error.stack ?? '') : String(error)}`)
    return {...refuse(400, 'the request could not be read'), hangUp: true}
  }
}

function send(response: ServerResponse, request: IncomingMessage, {status, body, headers, hangUp}: Answer): void {
  const length = {'content-length': Buffer.byteLength(body)}
  if (!hangUp) return void response.writeHead(status, {...headers, ...length}).end(body)
  response.writeHead(status, {...headers, ...length, connection: 'close'}).write(body)
  void linger(request).then(() => response.end(() => request.socket.destroySoon()))
}

/** For the log: short, and on one line. */
const wordsOf = ({method, url}: IncomingMessage): string =>
  `${method ?? ''} ${(url ?? '').replace(/\?.*/, '').slice(0, 80)}`.replaceAll(/[^\x20-\x7e]/g, '?')

function limitEach(server: Server): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const count = (open.get(address) ?? 0) + 1
    open.set(address, count)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
    if (count > CONNECTIONS_EACH) socket.destroy()
  })
}

/** What is still read of a request that was refused. Bytes, and milliseconds. */
const MOST_UNREAD = 1_048_576
const MOST_MS = 1_000

/**
 * Ends when the rest of a refused request is read and thrown away, or it is enough. A connection that is closed with bytes
 * unread is reset, and the client may lose the answer: RFC 9112, 9.6.
 */
function linger(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    let left = MOST_UNREAD
    const done = (): void => {
      clearTimeout(timer)
      request.off('data', take)
      resolve()
    }
    const take = (chunk: Buffer): void => {
      left -= chunk.length
      if (left < 0) done()
    }
    const timer = setTimeout(done, MOST_MS)
    request.once('end', done).once('close', done).once('error', done).on('data', take).resume()
  })
}

const MINUTE_MS = 60_000
const MOST_TOLD = 1_000

/** Tells the log of refused requests: the same one from the same address once a minute, with how often it came meanwhile. */
function refusals(log: Log, now: () => number): (address: string, what: string) => void {
  const clock = steadyClock(now)
  const told = new Map<string, {at: number; since: number}>()
  return (address, what) => {
    const key = `${address} ${what}`
    const known = told.get(key)
    if (known !== undefined && clock() - known.at < MINUTE_MS) return void known.since++
    if (told.size >= MOST_TOLD) told.clear()
    log.warn(`refused: ${what}, from ${address}${known === undefined || known.since === 0 ? '' : ` (and ${known.since} times before)`}`)
    told.set(key, {at: clock(), since: 0})
  }
}
