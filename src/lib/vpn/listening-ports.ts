import {closeSync, openSync, readSync} from 'node:fs'

/** @param port TCP. @returns undefined where the kernel does not tell. */
export type Listens = (port: number) => boolean | undefined

/**
 * Whether anybody in the network namespace of a process listens, beyond loopback. The table that had it last is read first.
 * @param pid As this machine numbers it.
 */
export function listener(pid: number): Listens {
  let tables = ['tcp', 'tcp6']
  return (port) => {
    try {
      const found = tables.find((table) => isIn(`/proc/${pid}/net/${table}`, port))
      if (found !== undefined && found !== tables[0]) tables = tables.toReversed()
      return found !== undefined
    } catch {
      return undefined
    }
  }
}

function isIn(table: string, port: number): boolean {
  let file: number
  try {
    file = openSync(table, 'r')
  } catch (error) {
    // A kernel without IPv6 has no such table.
    if (table.endsWith('6')) return false
    throw error
  }
  try {
    return hasListener(linesOf(file), port)
  } finally {
    closeSync(file)
  }
}

/** Less than a line. */
const BYTES = 128

/**
 * No more is read than is looked at: who listens comes first, and to get beyond that the kernel goes through all sockets of
 * the machine (measured: 6 ms).
 */
function* linesOf(file: number): Generator<string> {
  const room = Buffer.allocUnsafe(BYTES)
  let rest = ''
  for (let bytes = readSync(file, room); bytes > 0; bytes = readSync(file, room)) {
    const lines = (rest + room.toString('latin1', 0, bytes)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

/** TCP_LISTEN, in the kernel's tables: https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt */
const LISTEN = '0A'

/** @param lines Of /proc/net/tcp or tcp6, the head first; those that listen come before all others. */
export function hasListener(lines: Iterable<string>, port: number): boolean {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  for (const line of lines) {
    const [, local = '', , state] = line.trim().split(/\s+/)
    const [address = '', its] = local.split(':')
    if (its === undefined) continue // the head
    if (state !== LISTEN) return false
    if (its === wanted && !isLoopback(address)) return true
  }
  return false
}

/** Each group of eight digits is a number that the machine writes backwards: 0100007F is 127.0.0.1. */
const isLoopback = (address: string): boolean => address.endsWith('7F') || address === '00000000000000000000000001000000'
