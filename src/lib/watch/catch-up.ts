import {limited} from '../util/timeout.js'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {readEnvFile} from '../config/env-file.js'
import type {Log} from '../model/log.js'
import {zoneOf} from '../util/time-zone.js'
import type {Watcher} from './supervisor.js'
import {type Announcement, BadPayload, parseAnnouncements} from './webhook/payload.js'

/** Of What's Up Docker's own page. */
export type Login = {readonly user: string; readonly password: string}

type CatchUpOptions = {
  /** What's Up Docker's own address. */
  readonly url: string
  /** Asked for each time: undefined if none is set. */
  readonly login: () => Promise<Login | undefined>
  /** "HH:MM", of this machine's clock. */
  readonly at: string
  readonly accept: (announcements: readonly Announcement[]) => Promise<unknown>
  readonly log: Log
  /** Epoch milliseconds. */
  readonly now: () => number
}

const ANSWER_MS = 20_000
/** After it could not be asked, milliseconds. */
const AGAIN_MS = 600_000

/** What was announced while nobody listened is lost: so What's Up Docker is asked, at the start and daily. */
export const catchUpWatcher = (options: CatchUpOptions): Watcher => ({name: 'catch-up', run: (signal) => run(options, signal)})

async function run(options: CatchUpOptions, signal: AbortSignal): Promise<void> {
  let said = ''
  while (!signal.aborted) {
    const trouble = await ask(options, signal).then(
      () => '',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    if (trouble !== '' && trouble !== said && !isOver(signal))
      options.log.warn(`What's Up Docker at ${options.url} cannot be asked: ${trouble}`)
    said = trouble
    const pause = trouble === '' ? nextAt(options) - options.now() : AGAIN_MS
    await sleep(pause, undefined, {signal}).catch(() => undefined)
  }
}

const isOver = (signal: AbortSignal): boolean => signal.aborted

function nextAt({at, now}: CatchUpOptions): number {
  const zone = zoneOf(undefined)
  const minutes = Number(at.slice(0, 2)) * 60 + Number(at.slice(3))
  const today = zone.wallClock(now())
  const moment = zone.momentOf(today, minutes)
  return moment > now() ? moment : zone.momentOf({...today, day: today.day + 1}, minutes)
}

async function ask({url, login, accept, log}: CatchUpOptions, signal: AbortSignal): Promise<void> {
  await limited(signal, ANSWER_MS, async (either) => {
    const headers = authorization(await login())
    const response = await fetch(new URL('api/containers', url.endsWith('/') ? url : `${url}/`), {signal: either, headers})
    if (response.status === 401)
      throw new Error('it refuses the login: set WUD_PASSWORD in compose/.env to the password of WUD_PASSWORD_HASH')
    if (!response.ok) throw new Error(`status ${response.status}`)
    const found: unknown = await response.json()
    const updates = (Array.isArray(found) ? found : [])
      .flatMap((entry: unknown) => understood(entry))
      .filter(({updateAvailable}) => updateAvailable)
    if (updates.length > 0) log.info(`What's Up Docker knows of ${updates.length} updates`)
    if (updates.length > 0) await accept(updates)
  })
}

const authorization = (login: Login | undefined): Record<string, string> =>
  login === undefined ? {} : {authorization: `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`}

/** One that we do not understand hides no other. */
function understood(entry: unknown): Announcement[] {
  try {
    return parseAnnouncements(Buffer.from(JSON.stringify(entry)))
  } catch (error) {
    if (error instanceof BadPayload) return []
    throw error
  }
}

/** What's Up Docker's login, as `.env` has it now; undefined: none is set. @throws OperatorError if that cannot be read. */
export async function wudLogin(composeDir: string): Promise<Login | undefined> {
  const {variables} = await readEnvFile(join(composeDir, '.env'))
  const {WUD_USER: user, WUD_PASSWORD: password} = variables
  return password ? {user: user || 'homelab', password} : undefined
}
