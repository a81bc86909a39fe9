import type {DeclaredService} from '../model/declared.js'
import type {ObservedStack} from '../model/observed.js'
import {publishedPort, type Published} from '../model/published-port.js'

/** What is asked from this machine, as a user would. */
export type ProbeTarget =
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
