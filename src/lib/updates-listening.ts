import {join} from 'node:path'
import {readEnvFile} from './config/env-file.js'
import {wudLoginDiagnoses} from './doctor/wud-login.js'
import {configurationError} from './model/operator-error.js'
import {isOpen} from './model/update.js'
import type {UpdatesRoom} from './updates-setup.js'
import {authenticator} from './watch/receiver/authentication.js'
import {rateLimiter} from './watch/receiver/rate-limit.js'
import {receiverWatcher} from './watch/receiver/receiver.js'
import {receiverServer} from './watch/receiver/server.js'
import type {RouteOptions} from './watch/receiver/routes.js'
import {fileSource} from './watch/stack-source.js'
import type {Watcher} from './watch/supervise.js'
import {catchUpWatcher} from './watch/updates/catch-up.js'
import {updateSamples} from './watch/updates/samples.js'
import {whileSame} from './watch/while-same.js'
import {wudLogin} from './wud-login.js'

const PORT = 8182
const LOOPBACK = '127.0.0.1'
/** Wrong secrets a minute of one address. */
const GUESSES = 10
/** Milliseconds between two looks at the addresses. */
const EVERY_MS = 10_000

/** Who brings announcements. */
export function announcers(room: UpdatesRoom): Watcher[] {
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
function listening(room: UpdatesRoom, heard: () => void): Watcher {
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
  room: UpdatesRoom & {readonly heard: () => void},
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
async function warnOfOpenWud({stacks, log, setting}: UpdatesRoom, variables: Readonly<Record<string, string>>): Promise<void> {
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

function routes(room: UpdatesRoom, token: string | undefined, requests: ReadonlyMap<number, number>): RouteOptions {
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
function addresses({setting, stacks, hands}: UpdatesRoom, token: string | undefined): () => Promise<readonly string[]> {
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
