import {readdir, readFile, readlink} from 'node:fs/promises'
import type {Listener} from './ports.js'

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
