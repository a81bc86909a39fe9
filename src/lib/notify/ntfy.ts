import type {IncomingHttpHeaders} from 'node:http'
import type {Notification} from '../model/notification.js'
import {configurationError} from '../util/errors.js'
import {post, type Answer} from '../util/http-client.js'
import {limited} from '../util/timeout.js'
import type {PublishResult} from './channel.js'

const TIME_LIMIT_MS = 15_000

/** More are refused since ntfy 2.28: https://github.com/binwiederhier/ntfy/releases/tag/v2.28.0 */
const TITLE_BYTES = 1024
const TAGS_BYTES = 512

/**
 * Sends a notification to an ntfy server, as JSON: https://docs.ntfy.sh/publish/#publish-as-json. (A header cannot hold an
 * emoji.) Never throws; a signal that fires makes it a `retry`.
 */
export function publish(
  target: NtfyTarget,
  notification: Notification,
  signal: AbortSignal,
  timeLimitMs = TIME_LIMIT_MS,
): Promise<PublishResult> {
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': 'homelab',
    ...(target.token === undefined ? {} : {Authorization: `Bearer ${target.token}`}),
  }
  return limited(signal, timeLimitMs, async (either) => {
    try {
      return judge(await post(target.url, headers, bodyOf(target.topic, notification), either), target)
    } catch (error) {
      if (signal.aborted) return {is: 'retry', why: `${hostOf(target)} had not answered yet`}
      const late = `${hostOf(target)} did not answer within ${Math.ceil(timeLimitMs / 1000)} s`
      return {is: 'retry', why: either.aborted ? late : `${hostOf(target)} cannot be reached: ${reason(error)}`}
    }
  })
}

function bodyOf(topic: string, {title, message, tags, priority}: Notification): string {
  const shortened = {title: cut(title, TITLE_BYTES), message: cut(message, MESSAGE_BYTES)}
  const fitting = tags.filter((_, index) => jsonBytes(tags.slice(0, index + 1).join()) <= TAGS_BYTES)
  return JSON.stringify({topic, ...shortened, tags: fitting, priority})
}

function judge(answer: Answer, target: NtfyTarget): PublishResult {
  const {status, headers, text} = answer
  const answered = `${hostOf(target)} answered ${status}`
  if (status < 300) return isNtfys(answer) ? {is: 'delivered'} : {is: 'refused', why: `${answered}, but not as an ntfy server does`}
  if (status < 400) return {is: 'refused', why: `${answered}, a redirect to another address`}
  const why = `${answered}${said(text, target)}`
  if (status < 500 && status !== 408 && status !== 429) return {is: 'refused', why}
  const after = afterMs(headers)
  return {is: 'retry', why, ...(after === undefined ? {} : {afterMs: after})}
}

/** A web page that says "200" to everything must not swallow messages; but half an answer is no reason to send one twice. */
const isNtfys = ({text}: Answer): boolean => text === undefined || parse(text).event === 'message'

const hostOf = ({url}: NtfyTarget): string => new URL(url).host

/** With several addresses to try, Node's error has no message, only a code. */
const reason = (error: unknown): string => (error as Error).message || ((error as NodeJS.ErrnoException).code ?? 'unknown error')

/** ntfy's own words for what is wrong: {"code":40301,"http":403,"error":"forbidden"}. */
function said(text: string | undefined, {topic, token}: NtfyTarget): string {
  const {error} = parse(text ?? '')
  if (typeof error !== 'string' || error.includes(topic) || (token !== undefined && error.includes(token))) return ''
  return ` (${cut(error.replace(/\s+/g, ' '), 200)})`
}

function parse(text: string): {readonly event?: unknown; readonly error?: unknown} {
  try {
    return (JSON.parse(text) as object | null) ?? {}
  } catch {
    return {}
  }
}

/** Retry-After is seconds, or a date by the server's own clock: RFC 9110, 10.2.3. */
function afterMs(headers: IncomingHttpHeaders): number | undefined {
  const asked = headers['retry-after']
  if (asked === undefined) return undefined
  const milliseconds = /^\d+$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - Date.parse(headers.date ?? '')
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds)
}

type NtfyTarget = {
  /** The server alone: "https://ntfy.sh". */
  readonly url: string
  readonly topic: string
  readonly token: string | undefined
}

/** From ntfy's server/server.go, `topicRegex`. */
const TOPIC = /^[-_A-Za-z0-9]{1,64}$/

/** What a header may hold. */
const TOKEN = /^[!-~]+$/

/**
 * Where notifications go, by the variables of `.env`; undefined if it names no topic.
 * @throws OperatorError (78) if one of them cannot be right. None is shown: each may be a secret.
 */
export function ntfyTarget(variables: Readonly<Record<string, string | undefined>>): NtfyTarget | undefined {
  const [address, topic, token] = [variables.NTFY_URL, variables.NTFY_TOPIC, variables.NTFY_TOKEN].map((value) => value?.trim() ?? '')
  if (!topic) return undefined
  if (!TOPIC.test(topic)) {
    throw configurationError('NTFY_TOPIC in compose/.env cannot be the name of a topic at ntfy.', [
      'Use letters, digits, - and _ only, 64 of them at most: nano compose/.env',
    ])
  }
  if (token && !TOKEN.test(token)) {
    throw configurationError('NTFY_TOKEN in compose/.env cannot be an access token: it holds spaces, or letters that are not ASCII.', [
      'Copy the token (tk_...) from your account at ntfy again: nano compose/.env',
    ])
  }
  return {url: server(address || 'https://ntfy.sh'), topic, token: token || undefined}
}

function server(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const alone = url !== undefined && url.pathname === '/' && [url.search, url.hash, url.username, url.password].every((part) => part === '')
  if (alone && /^https?:$/.test(url.protocol)) return url.origin
  throw configurationError('NTFY_URL in compose/.env is not the address of a server: it needs http:// or https://, and no topic or user.', [
    'Put it like this: NTFY_URL=https://ntfy.sh; the topic belongs into NTFY_TOPIC, a token into NTFY_TOKEN',
  ])
}

/**
 * Bytes of a message. At 4,096 ntfy makes it a file attachment, or refuses it where there are none (`LimitReached:
 * read == limit` in its util/peek.go), so this is one less.
 */
export const MESSAGE_BYTES = 4095

/**
 * Cuts a text between two characters, with "…" at its end, so that it takes at most `bytes` in JSON, and thus in UTF-8.
 * In JSON because ntfy refuses a request of more than twice the bytes of a message, and a line break takes two there.
 */
export function cut(text: string, bytes: number): string {
  if (jsonBytes(text) <= bytes) return text
  const kept: string[] = []
  let left = bytes - jsonBytes('…')
  for (const character of text) {
    left -= jsonBytes(character)
    if (left < 0) break
    kept.push(character)
  }
  return `${kept.join('')}…`
}

/** @returns without the quotes around it. */
export const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2
