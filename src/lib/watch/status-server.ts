import {createServer, type Server} from 'node:http'
import {OperatorError} from '../util/errors.js'
import type {Pulse} from './heartbeat.js'
import type {Watcher} from './supervisor.js'

type HealthOptions = {
  readonly host: string
  readonly port: number
  readonly pulses: () => readonly Pulse[]
  /** Milliseconds after which the last successful look is too old. */
  readonly tooOld: number
  readonly now: () => number
  /** Told when it listens. */
  readonly heard: () => void
}

/** What `/health` says: 200 if every watcher has looked lately, else 503. Holds nothing secret. */
export function healthReport(pulses: readonly Pulse[], tooOld: number, now: number) {
  const watchers = pulses.map(({name, lookedAt, phase, trouble}) => ({
    name,
    phase,
    lastLookSeconds: lookedAt === undefined ? null : Math.round((now - lookedAt) / 100) / 10,
    ok: trouble === undefined && lookedAt !== undefined && now - lookedAt <= tooOld,
    ...(trouble !== undefined && {trouble}),
  }))
  return {ok: watchers.every(({ok}) => ok), watchers}
}

/** Serves `/health` and nothing else: GET only, small requests, few connections. */
export function healthWatcher(options: HealthOptions): Watcher {
  return {name: 'health', run: (signal) => serve(options, signal)}
}

async function serve({host, port, pulses, tooOld, now, heard}: HealthOptions, signal: AbortSignal): Promise<void> {
  const server = createServer({requestTimeout: 5_000, headersTimeout: 5_000, maxHeaderSize: 4_096}, (request, response) => {
    if (request.method !== 'GET' || request.url !== '/health')
      return void response.writeHead(404, {'content-type': 'text/plain'}).end('There is only GET /health here.\n')
    const report = healthReport(pulses(), tooOld, now())
    response
      .writeHead(report.ok ? 200 : 503, {'content-type': 'application/json', 'cache-control': 'no-store'})
      .end(`${JSON.stringify(report)}\n`)
  })
  server.maxConnections = 16
  server.once('listening', heard)
  await untilEnd(server.listen(port, host), `${host}:${port}`, signal)
}

function untilEnd(server: Server, where: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      server.close(() => resolve())
      server.closeAllConnections()
    }
    server.once('error', (error) => reject(notServed(where, error)))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, {once: true})
  })
}

const notServed = (where: string, error: Error): OperatorError =>
  new OperatorError(`/health cannot be served at ${where}: ${error.message}`, {
    next: ['Choose another address, in homelab.yml: watch: {listen: "127.0.0.1:8283"}'],
  })
