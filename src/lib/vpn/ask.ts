import {limited} from '../time/limited.js'
import type {ControlServer} from './control-server.js'
import type {Reading} from './reading.js'
import {send} from './send.js'

type Question = {
  readonly method?: 'GET' | 'PUT'
  /** "/v1/vpn/status" */
  readonly path: string
  readonly body?: unknown
}

export type Patience = {
  readonly signal: AbortSignal
  /** Milliseconds. */
  readonly limit: number
}

/**
 * Asks Gluetun's control server: https://github.com/qdm12/gluetun-wiki/blob/main/setup/advanced/control-server.md
 * @param read What the answer holds; undefined: not what was expected. Never throws, but for a signal that fired.
 */
export async function ask<T>(
  {url, apiKey}: ControlServer,
  {method = 'GET', path, body}: Question,
  read: (answer: unknown) => T | undefined,
  {signal, limit}: Patience,
): Promise<Reading<T>> {
  const route = `${method} ${path}`
  const headers = {...(apiKey !== undefined && {'x-api-key': apiKey}), ...(body !== undefined && {'content-type': 'application/json'})}
  try {
    return await limited(signal, limit, async (either) => {
      const sent = body === undefined ? undefined : JSON.stringify(body)
      const {status, text} = await send(new URL(path, url), {method, headers, body: sent, signal: either})
      if (status === 401 || status === 403) return {why: 'refused', says: `${route} was refused (${status})`}
      if (status === 404) return {why: 'unknown-route', says: `it does not know ${route} (404)`}
      if (status < 200 || status > 299) return {why: 'strange', says: `${route} was answered with ${status}`}
      const value = read(parsed(text))
      return value === undefined ? {why: 'strange', says: `${route} was answered with something else than expected`} : {value}
    })
  } catch (error) {
    signal.throwIfAborted()
    return {why: 'silent', says: `it does not answer at ${url}: ${reason(error, limit)}`}
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function reason(error: unknown, limit: number): string {
  const {name, message, code} = error as NodeJS.ErrnoException
  return name === 'AbortError' ? `nothing within ${limit / 1000} s` : message || (code ?? 'no answer')
}
