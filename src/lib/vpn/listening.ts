import {readFile} from 'node:fs/promises'

/** TCP_LISTEN, in the kernel's tables: https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt */
const LISTEN = '0A'

/**
 * Whether anybody in the network namespace of a process listens on a TCP port, beyond loopback.
 * @param pid As this machine numbers it. @returns undefined where the kernel does not tell.
 */
export async function listensOn(pid: number, port: number): Promise<boolean | undefined> {
  try {
    const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(absent)))
    return tables.some((table) => hasListener(table, port))
  } catch {
    return undefined
  }
}

/** A kernel without IPv6 has no such table. */
function absent(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT' && error.path?.endsWith('tcp6')) return ''
  throw error
}

export function hasListener(table: string, port: number): boolean {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  return table.split('\n').some((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/)
    const [address = '', its] = local.split(':')
    return state === LISTEN && its === wanted && !isLoopback(address)
  })
}

/** Each group of eight digits is a number that the machine writes backwards: 0100007F is 127.0.0.1. */
const isLoopback = (address: string): boolean => address.endsWith('7F') || address === '00000000000000000000000001000000'
