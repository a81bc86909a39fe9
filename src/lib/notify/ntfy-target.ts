import {configurationError} from '../model/operator-error.js'

export type NtfyTarget = {
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
