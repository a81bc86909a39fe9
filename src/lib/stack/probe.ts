import {request as plain} from 'node:http'
import {request as secure} from 'node:https'
import {connect} from 'node:net'
import {type ObservedStack, publishedPort, type Published} from '../model/container.js'
import type {DeclaredService} from '../model/stack.js'
import {limited} from '../util/timeout.js'

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

/** What is asked from this machine, as a user would. */
type ProbeTarget =
  | {readonly kind: 'page'; readonly url: string}
  | {readonly kind: 'port'; readonly host: string; readonly port: number}
  /** The label cannot be followed. */
  | {readonly kind: 'none'; readonly why: string}

/** The Compose label that names it: "8989/ping", "https:9443/", "tcp:6881", or a whole http(s) address. */
const PROBE_LABEL = 'homelab.probe'

type Containers = ObservedStack['containers']

const SHORT = /^(?:(https?|tcp):)?(\d{1,5})(\/\S*)?$/

/** Where a service is asked, by its label: the port is its own, and is looked up where Docker publishes it. undefined: it has no label. */
export function probeTarget(service: DeclaredService, containers: Containers): ProbeTarget | undefined {
  const label = service.labels.get(PROBE_LABEL)
  if (label === undefined || label === '') return undefined
  if (/^https?:\/\//.test(label)) return URL.canParse(label) ? {kind: 'page', url: label} : unreadable(label)
  const found = SHORT.exec(label)
  if (found === null) return unreadable(label)
  const [, scheme = 'http', port, path = '/'] = found
  const own = reachedAt(service, Number(port), containers)
  if (own === undefined) return {kind: 'none', why: `port ${port} is not published to this machine`}
  return scheme === 'tcp' ? {kind: 'port', ...own} : {kind: 'page', url: `${scheme}://${own.host}:${own.port}${path}`}
}

/** Its ports are published by whom it shares the network with. */
function reachedAt({name, gateway}: DeclaredService, port: number, containers: Containers): Published | undefined {
  const door = containers.get(gateway ?? name)
  if (door?.networkMode === 'host') return {host: '127.0.0.1', port}
  return door && publishedPort(door, port)
}

const unreadable = (label: string): ProbeTarget => ({
  kind: 'none',
  why: `the label ${PROBE_LABEL}=${label} is neither like "8989/ping" nor "tcp:6881" nor an address`,
})
