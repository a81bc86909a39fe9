import {once} from 'node:events'
import type {Server} from 'node:http'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {readEnvFile} from '../../config/env-file.js'
import {wudLoginDiagnoses} from '../../doctor/wud-login.js'
import type {Log} from '../../model/log.js'
import {isOpen, type JobOrigin} from '../../model/update.js'
import {configurationError} from '../../util/errors.js'
import {catchUpWatcher, wudLogin} from '../catch-up.js'
import {fileSource} from '../file-source.js'
import type {Ears, Watcher} from '../supervisor.js'
import type {Setting} from '../../config/homelab.js'
import type {Engine} from '../../docker/engine.js'
import type {DeclaredStack} from '../../model/stack.js'
import type {Jobs} from '../../update/queue/jobs.js'
import type {Pulse} from '../heartbeat.js'
import type {Accepted, Announcement} from './payload.js'
import {authenticator, rateLimiter} from './auth.js'
import {updateSamples} from './metrics.js'
import type {RouteOptions} from './routes.js'
import {receiverServer} from './server.js'
import {whileSame} from './while-same.js'

const PORT = 8182
const LOOPBACK = '127.0.0.1'
/** Wrong secrets a minute of one address. */
const GUESSES = 10
/** Milliseconds between two looks at the addresses. */
const EVERY_MS = 10_000

/** What those who bring announcements are made of. */
type AnnouncerParts = {
  readonly setting: Setting
  readonly log: Log
  readonly now: () => number
  /** Never goes back: for what is only compared within this process. */
  readonly clock: () => number
  readonly ears: Ears
  readonly jobs: Pick<Jobs, 'all'>
  readonly stacks: () => Promise<readonly DeclaredStack[]>
  readonly hands: () => Promise<{readonly engine: Pick<Engine, 'networkGateway'>}>
  readonly accept: (announcements: readonly Announcement[], origin: JobOrigin) => Promise<Accepted[]>
  readonly pulse: () => Pulse
}

/** Who brings announcements. */
export function announcers(room: AnnouncerParts): Watcher[] {
  const {log, now, accept, setting, ears} = room
  const {wud, catchUp, listen} = setting.configuration.updates
  const receiver = listen === 'off' ? [] : [ears.add((heard) => listening(room, heard))]
  return wud === undefined
    ? receiver
    : [
        ...receiver,
        catchUpWatcher({
          url: wud,
          login: () => wudLogin(setting.composeDir),
          at: catchUp,
          accept: (found) => accept(found, 'catch-up'),
          log,
          now,
        }),
      ]
}

/** What of `.env` who listens needs. */
type Door = {readonly token: string | undefined; readonly port: number; readonly variables: Readonly<Record<string, string>>}

/** Who listens for announcements: with the secret and the port of `.env`, also when they change. While it cannot be read they are as before. @param heard Told when it listens, or could not. */
function listening(room: AnnouncerParts, heard: () => void): Watcher {
  const requests = new Map<number, number>()
  const file = join(room.setting.composeDir, '.env')
  const read = fileSource({files: [file], log: room.log, read: async () => doorOf((await readEnvFile(file)).variables)})
  const same = (before: Door, now: Door): boolean => before.token === now.token && before.port === now.port
  const run = (signal: AbortSignal): Promise<void> =>
    whileSame({read, same, every: EVERY_MS}, (door, either) => listenAt(door, {...room, heard}, requests, either), signal)
  return {name: 'receiver', run}
}

const doorOf = (variables: Readonly<Record<string, string>>): Door => ({
  token: variables.WUD_WEBHOOK_TOKEN || undefined,
  port: portOf(variables.WUD_WEBHOOK_PORT || String(PORT)),
  variables,
})

/** @param requests Answers so far, by status. */
async function listenAt(
  {token, port, variables}: Door,
  room: AnnouncerParts & {readonly heard: () => void},
  requests: Map<number, number>,
  signal: AbortSignal,
): Promise<void> {
  if (token === undefined) room.log.warn(`WUD_WEBHOOK_TOKEN is not set in compose/.env: announcements are taken from this machine only`)
  await warnOfOpenWud(room, variables)
  const options = routes(room, token, requests)
  const count = (status: number): void => void requests.set(status, (requests.get(status) ?? 0) + 1)
  const serve = () => receiverServer(options, room.log, room.now, count)
  await receiverWatcher({serve, addresses: addresses(room, token), port, log: room.log, every: EVERY_MS, heard: room.heard}).run(signal)
}

/** An older `.env` has no login: everything starts all the same, and it is told. */
async function warnOfOpenWud({stacks, log, setting}: AnnouncerParts, variables: Readonly<Record<string, string>>): Promise<void> {
  const found = wudLoginDiagnoses(await stacks().catch(() => []), variables, setting.configuration.updates.wud !== undefined)
  for (const {is, check, says} of found) if (is !== 'good') log.warn(`${check}: ${says}; see homelab doctor`)
}

/** @throws OperatorError (78) */
export function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port
  throw configurationError(`WUD_WEBHOOK_PORT in compose/.env is "${text.slice(0, 20)}", which is no port.`, [
    'Set WUD_WEBHOOK_PORT in compose/.env to 8182',
  ])
}

function routes(room: AnnouncerParts, token: string | undefined, requests: ReadonlyMap<number, number>): RouteOptions {
  const {setting, jobs, log, clock, pulse, accept} = room
  const {rate, body} = setting.configuration.updates
  return {
    authenticated: authenticator(token),
    rate: rateLimiter(rate, clock),
    guesses: rateLimiter(GUESSES, clock),
    body,
    log,
    accept: (announcements) => accept(announcements, announcements[0]?.form === 'script' ? 'script' : 'wud'),
    jobs: () => jobs.all(),
    health: async () => {
      const {lookedAt, trouble, phase} = pulse()
      const queue = (await jobs.all()).filter(isOpen).length
      const age = lookedAt === undefined ? null : Math.round((clock() - lookedAt) / 100) / 10
      const limit = 3 * setting.configuration.watch.resync
      return {ok: trouble === undefined && age !== null && age <= limit, phase, lastLookSeconds: age, queue}
    },
    samples: async () => updateSamples(await jobs.all(), pulse(), requests, clock()),
  }
}

/** Without a secret on this machine alone. What Docker last said holds while it says nothing. */
function addresses({setting, stacks, hands}: AnnouncerParts, token: string | undefined): () => Promise<readonly string[]> {
  const {listen} = setting.configuration.updates
  if (Array.isArray(listen)) return () => Promise.resolve(token === undefined ? listen.filter(isLoopback) : listen)
  let known: string[] = []
  return async () => {
    if (token === undefined) return [LOOPBACK]
    try {
      const names = [...new Set((await stacks()).flatMap(({sharedNetworks}) => sharedNetworks.map(({name}) => name)))]
      const {engine} = await hands()
      const found = await Promise.all(names.map((name) => engine.networkGateway(name, new AbortController().signal)))
      known = found.flatMap((address) => address ?? [])
    } catch {
      // Docker is away, and others tell of it.
    }
    return [LOOPBACK, ...known]
  }
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

type ReceiverOptions = {
  /** A server for one address. */
  readonly serve: () => Server
  /** Where to listen, as it is now: the shared network may appear later. */
  readonly addresses: () => Promise<readonly string[]>
  readonly port: number
  readonly log: Log
  /** Milliseconds between two looks at the addresses. */
  readonly every: number
  /** Told when every address of now was tried. */
  readonly heard: () => void
}

/** Listens wherever it is to, for as long as the process runs; one address that cannot be had does not take the others down. */
export const receiverWatcher = (options: ReceiverOptions): Watcher => ({name: 'receiver', run: (signal) => run(options, signal)})

async function run({serve, addresses, port, log, every, heard}: ReceiverOptions, signal: AbortSignal): Promise<void> {
  const open = new Map<string, Server>()
  const said = new Map<string, string>()
  const say = (address: string, text: string, how: 'info' | 'warn'): void => {
    if (said.get(address) !== text) log[how](text)
    said.set(address, text)
  }
  while (!signal.aborted) {
    const wanted = await addresses()
    for (const [address, server] of open) if (!wanted.includes(address)) close(server, address, open)
    for (const address of wanted) {
      if (open.has(address)) continue
      try {
        const server = serve()
        await listen(server, address, port)
        open.set(address, server)
        server.once('close', () => open.delete(address))
        say(address, `announcements are taken at http://${address.includes(':') ? `[${address}]` : address}:${port}/`, 'info')
      } catch (error) {
        say(address, `announcements cannot be taken at ${address}:${port}, which is tried again: ${remedy(error)}`, 'warn')
      }
    }
    heard()
    await sleep(every, undefined, {signal}).catch(() => undefined)
  }
  for (const [address, server] of open) close(server, address, open)
}

async function listen(server: Server, address: string, port: number): Promise<void> {
  server.listen(port, address)
  await once(server, 'listening')
}

function close(server: Server, address: string, open: Map<string, Server>): void {
  open.delete(address)
  server.close()
  server.closeAllConnections()
}

function remedy(error: unknown): string {
  const {code, message} = error as NodeJS.ErrnoException
  return code === 'EADDRINUSE' ? `${message} (choose another port: WUD_WEBHOOK_PORT in compose/.env)` : message
}
