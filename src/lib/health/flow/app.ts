import {access, constants} from 'node:fs/promises'
import path from 'node:path'
import {printed} from '../../util/subprocess.js'
import {limited} from '../../util/timeout.js'
import type {Reading} from '../../vpn/gluetun.js'

/** An application of the pipeline, as this machine reaches it. */
export type App = {
  readonly service: string
  /** The service whose network it is in: itself, or its gateway. */
  readonly door: string
  /** "http://127.0.0.1:8989" */
  readonly url: string
  readonly key: string
}

type Question = {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
}

/** Asks an application's own API. Never throws, but for a signal that fired. */
export type AskApp = (app: Pick<App, 'url' | 'key'>, question: Question) => Promise<Reading<unknown>>

/** Larger than any answer that is read here, in characters. */
const MOST_ANSWER = 4_000_000

/** The key goes into a header and nowhere else. A failed test of Sonarr's is a 400 with its answer. @param limit Milliseconds. */
export const askApps =
  (signal: AbortSignal, limit: number): AskApp =>
  async ({url, key}, {method = 'GET', path, body}) => {
    const headers = {'x-api-key': key, ...(method === 'POST' && {'content-type': 'application/json'})}
    try {
      return await limited(signal, limit, async (either) => {
        const sent = method === 'POST' ? {body: JSON.stringify(body ?? {})} : {}
        const response = await fetch(new URL(path, url), {method, headers, signal: either, redirect: 'error', ...sent})
        return readingOf(path, response.status, (await response.text()).slice(0, MOST_ANSWER))
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

/** Where each application keeps its own API key, below its folder, and how it is written there. */
const KEYS: Readonly<Record<string, {readonly file: string; readonly read: (text: string) => string | undefined}>> = {
  // Servarr: https://wiki.servarr.com/sonarr/appdata-directory
  sonarr: {file: 'config.xml', read: xmlKey},
  radarr: {file: 'config.xml', read: xmlKey},
  prowlarr: {file: 'config.xml', read: xmlKey},
  bazarr: {file: 'config/config.yaml', read: (text) => /^auth:\n(?:[ \t]+.*\n)*?[ \t]+apikey:[ \t]*['"]?([\w-]+)/m.exec(text)?.[1]},
  seerr: {file: 'settings.json', read: jsonKey},
}

function xmlKey(text: string): string | undefined {
  return /<ApiKey>([\w-]+)<\/ApiKey>/.exec(text)?.[1]
}

function jsonKey(text: string): string | undefined {
  try {
    const {main} = JSON.parse(text) as {main?: {apiKey?: unknown}}
    return typeof main?.apiKey === 'string' ? main.apiKey : undefined
  } catch {
    return undefined
  }
}

/** A key, or why there is none. */
export type Key = {readonly key: string} | {readonly missing: string}

/** Larger than any of these files, in bytes. */
const MOST_FILE = 1_000_000

/** @param folder The application's own configuration folder. @param limit Milliseconds: its disk may hang. */
export async function readKey(service: string, folder: string, limit: number): Promise<Key> {
  const known = KEYS[service]
  if (known === undefined) return {key: ''}
  const file = path.join(folder, known.file)
  const {is, said} = await printed(['head', '-c', String(MOST_FILE), file], limit)
  if (is === 'late') return {missing: `${file} does not answer: its disk hangs, or it is no file`}
  if (said === '') return {missing: await whyNothing(service, file)}
  const key = known.read(`${said}\n`)
  return key === undefined ? {missing: `there is no API key in ${file}`} : {key}
}

async function whyNothing(service: string, file: string): Promise<string> {
  try {
    await access(file, constants.R_OK)
    return `there is no API key in ${file}`
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? `${file} is missing: has ${service} ever run?` : `${file} may not be read (${code}): try sudo`
  }
}
