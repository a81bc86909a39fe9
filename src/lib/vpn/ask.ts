import {limited} from '../time/limited.js'
import type {ControlServer} from './control-server.js'
import type {Reading} from './reading.js'

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

/** Larger than any answer of Gluetun's, in characters. */
const MOST = 65_536

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
      const options = {method, headers, signal: either, redirect: 'error' as const, ...(body !== undefined && {body: JSON.stringify(body)})}
      const response = await fetch(new URL(path, url), options)
      const text = (await response.text()).slice(0, MOST)
      if (response.status === 401 || response.status === 403) return {why: 'refused', says: `${route} was refused (${response.status})`}
      if (response.status === 404) return {why: 'unknown-route', says: `it does not know ${route} (404)`}
      if (!response.ok) return {why: 'strange', says: `${route} was answered with ${response.status}`}
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

/** fetch hides the cause one level down. */
function reason(error: unknown, limit: number): string {
  const {name, cause, message} = error as Error
  if (name === 'AbortError') return `nothing within ${limit / 1000} s`
  return cause instanceof Error ? cause.message || ((cause as NodeJS.ErrnoException).code ?? message) : message
}
