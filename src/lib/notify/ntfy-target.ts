import {configurationError} from '../model/operator-error.js'

/** Where messages go. Holds a secret. */
export type NtfyTarget = {readonly url: URL; readonly topic: string; readonly token: string}

/**
 * @param variables Of `.env`.
 * @returns undefined if no topic is set: nobody wants messages.
 * @throws OperatorError (78) for a server that is no address.
 */
export function ntfyTarget({
  NTFY_URL,
  NTFY_TOPIC = '',
  NTFY_TOKEN = '',
}: Readonly<Record<string, string | undefined>>): NtfyTarget | undefined {
  if (NTFY_TOPIC === '') return undefined
  const text = NTFY_URL === undefined || NTFY_URL === '' ? 'https://ntfy.sh' : NTFY_URL
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw configurationError('NTFY_URL in compose/.env is no address of an ntfy server.', [
      'Write it like this: NTFY_URL=https://ntfy.sh',
      'or take the line out: ntfy.sh is the default',
    ])
  return {url, topic: NTFY_TOPIC, token: NTFY_TOKEN}
}
