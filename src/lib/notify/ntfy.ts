import {request as plainRequest, type IncomingMessage} from 'node:http'
import {request as tlsRequest} from 'node:https'
import type {Notification} from '../model/notification.js'
import type {NtfyTarget} from './ntfy-target.js'

/** What became of a message. `why` never holds the token or the topic. */
export type Published =
  | {readonly is: 'delivered'}
  /** Worth another attempt, not before so many milliseconds if the server said so. */
  | {readonly is: 'later'; readonly why: string; readonly afterMs?: number}
  /** The server does not want it so: somebody has to change something. */
  | {readonly is: 'refused'; readonly why: string; readonly next: string}

const LIMIT_MS = 15_000
/** ntfy takes 4,096 bytes; what is longer becomes an attachment: https://docs.ntfy.sh/publish/#limitations */
const MOST_BYTES = 4_000

/**
 * As JSON to the server's root: header values with emoji are refused. https://docs.ntfy.sh/publish/#publish-as-json
 * node:http and not fetch: a watcher of months is to stay small. Redirects are not followed, the token would go along.
 */
export async function publish({url, topic, token}: NtfyTarget, notification: Notification, signal: AbortSignal): Promise<Published> {
  const {title, message, tags, priority} = notification
  const body = JSON.stringify({topic, title, message: shortened(message), tags, priority})
  try {
    const answer = await post(url, body, token, signal)
    return judge(answer)
  } catch (error) {
    const {code, message: text} = error as NodeJS.ErrnoException
    return {is: 'later', why: `${url.host} cannot be reached (${code ?? text})`}
  }
}

type Answer = {readonly status: number; readonly retryAfter: string | undefined; readonly host: string}

function post(url: URL, body: string, token: string, signal: AbortSignal): Promise<Answer> {
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(token !== '' && {authorization: `Bearer ${token}`}),
  }
  return new Promise((resolve, reject) => {
    // A deadline for all of it: `timeout` alone only watches over the silence on the socket.
    const late = setTimeout(() => request.destroy(new Error(`no answer within ${LIMIT_MS / 1000} s`)), LIMIT_MS)
    const request = send(url, {method: 'POST', headers, signal}, (response: IncomingMessage) => {
      response.resume()
      response.once('error', reject)
      response.once('end', () => resolve({status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], host: url.host}))
    })
    request.once('error', reject)
    request.once('close', () => clearTimeout(late))
    request.end(body)
  })
}

function judge({status, retryAfter, host}: Answer): Published {
  if (status >= 200 && status < 300) return {is: 'delivered'}
  const why = `${host} answered ${status}`
  const seconds = Number(retryAfter)
  if (status === 429 || status >= 500) return {is: 'later', why, ...(seconds > 0 && {afterMs: seconds * 1000})}
  const denied = status === 401 || status === 403
  return {
    is: 'refused',
    why,
    next: denied ? 'Look at NTFY_TOKEN and NTFY_TOPIC in compose/.env' : 'Look at NTFY_URL and NTFY_TOPIC in compose/.env',
  }
}

/** Cut between two characters. */
function shortened(text: string): string {
  if (Buffer.byteLength(text) <= MOST_BYTES) return text
  const cut = Buffer.from(text)
    .subarray(0, MOST_BYTES)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')
  return `${cut}…`
}
