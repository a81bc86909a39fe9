import {request as plain} from 'node:http'
import {request as secure} from 'node:https'
import {connect} from 'node:net'
import {limited} from '../time/limited.js'
import type {ProbeTarget} from './probe-target.js'

/** What a probe brought. */
export type ProbeResult = {
  readonly ok: boolean
  /** What was asked: an address. */
  readonly asked: string
  readonly says: string
  /** No answer came in time. */
  readonly late?: true
}

type Patience = {
  readonly signal: AbortSignal
  /** Milliseconds. */
  readonly limit: number
}

/** Asks as a user would, once. Never throws, but for a signal that fired. */
export async function probe(target: ProbeTarget, {signal, limit}: Patience): Promise<ProbeResult> {
  if (target.kind === 'none') return {ok: false, asked: 'nothing', says: target.why}
  const asked = target.kind === 'page' ? withoutPassword(target.url) : `${target.host}:${target.port}`
  const began = performance.now()
  try {
    const found = await limited(signal, limit, (either) => (target.kind === 'page' ? askPage(target.url, either) : reach(target, either)))
    return {asked, ok: found.ok, says: `${found.says} in ${Math.max(1, Math.round(performance.now() - began))} ms`}
  } catch (error) {
    signal.throwIfAborted()
    const {name, message, code} = error as NodeJS.ErrnoException
    const hangs = name === 'AbortError' || code === 'ABORT_ERR'
    if (hangs) return {asked, ok: false, says: `no answer within ${limit / 1000} s`, late: true}
    return {asked, ok: false, says: message || (code ?? 'no answer')}
  }
}

type Found = {readonly ok: boolean; readonly says: string}

/** Whoever asks for a login is there; its certificate is its own affair. */
function askPage(url: string, signal: AbortSignal): Promise<Found> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? secure : plain
    const asking = request(url, {signal, agent: false, rejectUnauthorized: false, headers: {'user-agent': 'homelab'}}, (response) => {
      const status = response.statusCode ?? 0
      response.destroy()
      resolve({ok: status < 400 || status === 401 || status === 403, says: `answers ${status}`})
    })
    asking.once('error', reject)
    asking.end()
  })
}

function reach({host, port}: {host: string; port: number}, signal: AbortSignal): Promise<Found> {
  return new Promise((resolve, reject) => {
    const socket = connect({host: host.replace(/^\[|\]$/g, ''), port, signal})
    socket.once('connect', () => {
      socket.destroy()
      resolve({ok: true, says: 'takes connections'})
    })
    socket.once('error', reject)
  })
}

/** What is shown is also sent to a phone. */
function withoutPassword(url: string): string {
  const shown = new URL(url)
  if (shown.username === '' && shown.password === '') return url
  shown.username = ''
  shown.password = ''
  return shown.href
}
