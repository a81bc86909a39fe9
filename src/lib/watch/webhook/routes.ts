import type {IncomingMessage} from 'node:http'
import type {Log} from '../../model/log.js'
import type {Job} from '../../model/update.js'
import type {Authenticator, RateLimiter} from './auth.js'
import {prometheus, type Sample} from './metrics.js'
import {type Accepted, type Announcement, BadPayload, parseAnnouncements} from './payload.js'

export type RouteOptions = {
  readonly authenticated: Authenticator
  readonly rate: RateLimiter
  /** For those who do not know the secret: guessing is slow. */
  readonly guesses: RateLimiter
  /** Bytes. */
  readonly body: number
  readonly log: Log
  /** What is accepted is on disk when it returns. */
  readonly accept: (announcements: readonly Announcement[]) => Promise<readonly Accepted[]>
  readonly jobs: () => Promise<readonly Job[]>
  readonly health: () => Promise<{readonly ok: boolean}>
  readonly samples: () => Promise<readonly Sample[]>
}

export type Answer = {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  /** The rest of the request is not read: the connection ends. */
  readonly hangUp?: true
}

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  body: `${JSON.stringify(body)}\n`,
  headers: {'content-type': 'application/json', 'cache-control': 'no-store', ...headers},
})

export const refuse = (status: number, error: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  json(status, {error}, headers)

/** What a request is answered. Never throws for what a request can hold. */
export async function route(request: IncomingMessage, options: RouteOptions): Promise<Answer> {
  const address = request.socket.remoteAddress ?? ''
  // Not `new URL`: to that "//x" is a host.
  const [pathname = '', ...query] = (request.url ?? '/').split('?')
  const searchParams = new URLSearchParams(query.join('?'))
  const place = ROUTES.find(({path}) => path.test(pathname))
  if (place === undefined) return refuse(404, 'there is no such page here')
  if (request.method !== place.method) return {...refuse(405, `only ${place.method} is answered here`, {allow: place.method}), hangUp: true}
  const limit = options.rate(address)
  if (!limit.allowed) return {...refuse(429, 'too many requests', {'retry-after': String(limit.retryAfter)}), hangUp: true}
  if (place.secret && !options.authenticated(request.headers.authorization)) return stranger(address, options)
  return place.answer({request, pathname, searchParams}, options)
}

function stranger(address: string, {guesses}: RouteOptions): Answer {
  const limit = guesses(address)
  const headers: Record<string, string> = limit.allowed
    ? {'www-authenticate': 'Bearer realm="homelab", Basic realm="homelab"'}
    : {'retry-after': String(limit.retryAfter)}
  return {
    ...refuse(limit.allowed ? 401 : 429, limit.allowed ? 'the secret is missing or wrong' : 'too many wrong secrets', headers),
    hangUp: true,
  }
}

type Asked = {readonly request: IncomingMessage; readonly pathname: string; readonly searchParams: URLSearchParams}

type Route = {
  readonly method: string
  readonly path: RegExp
  readonly secret: boolean
  readonly answer: (asked: Asked, options: RouteOptions) => Promise<Answer>
}

const ROUTES: readonly Route[] = [
  {method: 'POST', path: /^\/(wud)?$/, secret: true, answer: ({request}, options) => announce(request, options)},
  {method: 'GET', path: /^\/health$/, secret: false, answer: (_, options) => health(options)},
  {method: 'GET', path: /^\/jobs$/, secret: true, answer: ({searchParams}, options) => list(searchParams, options)},
  {method: 'GET', path: /^\/jobs\/[\w-]+$/, secret: true, answer: ({pathname}, options) => single(pathname.slice(6), options)},
  {method: 'GET', path: /^\/metrics$/, secret: true, answer: (_, options) => metrics(options)},
]

async function announce(request: IncomingMessage, options: RouteOptions): Promise<Answer> {
  const body = await bodyOf(request, options.body)
  if (body === undefined) return {...refuse(413, `the body is larger than ${options.body} bytes`), hangUp: true}
  try {
    const announcements = parseAnnouncements(body)
    const accepted = await options.accept(announcements)
    const [first] = accepted
    if (accepted.length === 1 && first?.status === 'unknown') return refuse(404, `there is no container "${first.name.slice(0, 80)}"`)
    return json(202, {accepted})
  } catch (error) {
    if (error instanceof BadPayload) return refuse(400, error.message)
    options.log.error(`an announcement could not be kept: ${error instanceof Error ? error.message : String(error)}`)
    return refuse(503, 'it could not be kept; try again', {'retry-after': '5'})
  }
}

async function health({health: ask}: RouteOptions): Promise<Answer> {
  const report = await ask()
  return json(report.ok ? 200 : 503, report)
}

const MOST_JOBS = 500

async function list(query: URLSearchParams, {jobs}: RouteOptions): Promise<Answer> {
  const state = query.get('state')
  const limit = Math.min(MOST_JOBS, Number(query.get('limit') ?? 100) || 100)
  const found = (await jobs()).filter((job) => state === null || job.state === state)
  return json(200, {jobs: found.toReversed().slice(0, limit)})
}

async function single(id: string, {jobs}: RouteOptions): Promise<Answer> {
  const found = (await jobs()).find((job) => job.id === id)
  return found === undefined ? refuse(404, 'there is no such job') : json(200, found)
}

const metrics = async ({samples}: RouteOptions): Promise<Answer> => ({
  status: 200,
  body: prometheus(await samples()),
  headers: {'content-type': 'text/plain; version=0.0.4; charset=utf-8'},
})

/**
 * A request's body; undefined: it is larger than allowed, and the rest was not read.
 * @throws Error if whoever sends it goes away in the middle.
 */
function bodyOf(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > most) return Promise.resolve(undefined)
  // Not `for await`: to leave that loop destroys the connection, and with it the answer.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const take = (chunk: Buffer): void => {
      size += chunk.length
      if (size <= most) return void chunks.push(chunk)
      request.off('data', take).pause()
      resolve(undefined)
    }
    request.on('data', take)
    request.once('end', () => resolve(Buffer.concat(chunks)))
    request.once('error', reject)
    request.once('close', () => reject(new Error('it went away')))
  })
}
