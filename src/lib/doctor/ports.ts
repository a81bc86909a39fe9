import {readdir, readFile, readlink} from 'node:fs/promises'
import {type ObservedStack, publishedPort} from '../model/container.js'
import type {DeclaredStack} from '../model/stack.js'
import type {Diagnosis} from './remedy.js'

/** Who listens on a port of this machine; `program` is only known to root. */
type Listener = {readonly port: number; readonly address: string; readonly program: string | undefined}

type World = {readonly stack: DeclaredStack; readonly observed: ObservedStack}

/**
 * Ports that a stack wants and that somebody else has, and ports that two services want. Pure.
 * @param listeners undefined: the kernel's tables could not be read.
 */
export function portDiagnoses(worlds: readonly World[], listeners: readonly Listener[] | undefined): Diagnosis[] {
  const wanted = worlds.flatMap(({stack, observed}) =>
    [...stack.services.values()].flatMap(({name, active, published = []}) =>
      active
        ? published.map(({address, port}) => ({stack: stack.name, service: name, address, port, has: hasIt(observed, name, port)}))
        : [],
    ),
  )
  const twice = wanted.flatMap((one, index) => {
    const other = wanted.slice(0, index).find((earlier) => earlier.port === one.port && meet(earlier.address, one.address))
    return other === undefined ? [] : [{...one, by: `${other.stack}/${other.service}`}]
  })
  const taken = wanted.flatMap((one) => {
    if (one.has) return []
    const holder = listeners?.find(({port, address}) => port === one.port && meet(address, one.address))
    return holder === undefined ? [] : [{...one, by: holder.program ?? 'another program (sudo tells which)'}]
  })
  const clashes = [...twice, ...taken].map(({stack, service, port, by}): Diagnosis => ({
    is: 'bad',
    check: `port ${port}`,
    says: `${stack}/${service} wants it, and ${by} has it`,
    next: [`sudo ss -ltnp "sport = :${port}"`, `Stop that, or choose another port in compose/.env`],
  }))
  const unasked: Diagnosis = {is: 'unknown', check: 'ports', says: `${wanted.length} wanted; who listens here could not be read`}
  if (listeners === undefined) return [...clashes, unasked]
  return clashes.length > 0 ? clashes : [{is: 'good', check: 'ports', says: `${wanted.length} wanted, none is taken by others`}]
}

function hasIt({containers}: ObservedStack, service: string, port: number): boolean {
  const container = containers.get(service)
  if (container?.state !== 'running') return false
  return (
    container.ports.some((text) => /^(?:.+:)?(\d+)(?:->|$)/.exec(text)?.[1] === String(port)) ||
    publishedPort(container, port) !== undefined
  )
}

const EVERYWHERE = new Set(['0.0.0.0', '::', ''])

const meet = (a: string, b: string): boolean => a === b || EVERYWHERE.has(a) || EVERYWHERE.has(b)

const LISTEN = '0A'

/** Who listens on this machine's TCP ports, by the kernel's tables. @throws Error where there are none. */
export async function listeners(): Promise<Listener[]> {
  const [four, six] = await Promise.all([readFile('/proc/net/tcp', 'utf8'), readFile('/proc/net/tcp6', 'utf8').catch(() => '')])
  const found = [...socketsIn(four), ...socketsIn(six)]
  const programs = found.length === 0 ? new Map<string, string>() : await programsBySocket()
  return found.map(({address, port, inode}) => ({address, port, program: programs.get(inode)}))
}

type Socket = {readonly address: string; readonly port: number; readonly inode: string}

export function socketsIn(table: string): Socket[] {
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
    const [address = '', port = ''] = local.split(':')
    return state === LISTEN ? [{address: readable(address), port: parseInt(port, 16), inode}] : []
  })
}

/** IPv4 in full; of IPv6 only whether it is everywhere, loopback, or somewhere else. */
function readable(hex: string): string {
  if (hex.length === 8) return [6, 4, 2, 0].map((at) => parseInt(hex.slice(at, at + 2), 16)).join('.')
  if (/^0+$/.test(hex)) return '::'
  return hex === '00000000000000000000000001000000' ? '::1' : `ipv6:${hex}`
}

/** "nginx (pid 812)" by socket inode; what we may not look into is left out. */
async function programsBySocket(): Promise<Map<string, string>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const links = await readdir(`/proc/${pid}/fd`)
        .then((fds) => Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))))
        .catch(() => [])
      const inodes = links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
      if (inodes.length === 0) return []
      const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '?')).trim()
      return inodes.map((inode): [string, string] => [inode, `${name} (pid ${pid})`])
    }),
  )
  return new Map(found.flat())
}
