import {limited} from '../time/limited.js'
import type {Reading} from '../vpn/reading.js'
import type {AskApp} from './app.js'

/** Larger than any answer that is read here, in characters. */
const MOST = 4_000_000

/** The key goes into a header and nowhere else. A failed test of Sonarr's is a 400 with its answer. @param limit Milliseconds. */
export const askApps =
  (signal: AbortSignal, limit: number): AskApp =>
  async ({url, key}, {method = 'GET', path, body}) => {
    const headers = {'x-api-key': key, ...(method === 'POST' && {'content-type': 'application/json'})}
    try {
      return await limited(signal, limit, async (either) => {
        const sent = method === 'POST' ? {body: JSON.stringify(body ?? {})} : {}
        const response = await fetch(new URL(path, url), {method, headers, signal: either, redirect: 'error', ...sent})
        return readingOf(path, response.status, (await response.text()).slice(0, MOST))
      })
    } catch (error) {
      signal.throwIfAborted()
      const {name, cause, message} = error as Error
      if (name === 'AbortError') return {why: 'silent', says: `no answer within ${limit / 1000} s`}
      return {why: 'silent', says: `it does not answer: ${cause instanceof Error ? cause.message : message}`}
    }
  }

function readingOf(path: string, status: number, text: string): Reading<unknown> {
  if (status === 401 || status === 403) return {why: 'refused', says: 'it does not take the API key of its own configuration file'}
  if (status === 404) return {why: 'unknown-route', says: `it does not know ${path} (404)`}
  const value = parsed(text)
  // Servarr's failed test is a 400 with a list; another 400 says that the question was wrong.
  const answered = (status >= 200 && status < 300) || (status === 400 && Array.isArray(value))
  if (!answered) return {why: 'strange', says: `${path} was answered with ${status}`}
  return value === undefined ? {why: 'strange', says: `${path} was answered with something else than expected`} : {value}
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
