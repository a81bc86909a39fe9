import {limited} from '../time/limited.js'
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
        const text = (await response.text()).slice(0, MOST)
        if (response.status === 401 || response.status === 403)
          return {why: 'refused', says: 'it does not take the API key of its own configuration file'}
        if (response.status === 404) return {why: 'unknown-route', says: `it does not know ${path} (404)`}
        if (!response.ok && response.status !== 400) return {why: 'strange', says: `${path} was answered with ${response.status}`}
        const value = parsed(text)
        return value === undefined ? {why: 'strange', says: `${path} was answered with something else than expected`} : {value}
      })
    } catch (error) {
      signal.throwIfAborted()
      const {name, cause, message} = error as Error
      if (name === 'AbortError') return {why: 'silent', says: `no answer within ${limit / 1000} s`}
      return {why: 'silent', says: `it does not answer: ${cause instanceof Error ? cause.message : message}`}
    }
  }

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
