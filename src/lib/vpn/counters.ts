import {readFileSync} from 'node:fs'

/** Packets of an interface since it was made. */
type Packets = {readonly received: number; readonly sent: number}

/**
 * Of /proc/net/dev, an interface a line: https://man7.org/linux/man-pages/man5/proc_pid_net.5.html. Pure.
 * @returns undefined: there is no such interface.
 */
export function packetsOf(table: string, name: string): Packets | undefined {
  const line = table.split('\n').find((one) => one.trimStart().startsWith(`${name}:`))
  // Eight numbers of what was received, the packets second, and eight of what was sent.
  const numbers =
    line
      ?.slice(line.indexOf(':') + 1)
      .trim()
      .split(/\s+/)
      .map(Number) ?? []
  const [received, sent] = [numbers[1], numbers[9]]
  return received === undefined || sent === undefined || !Number.isFinite(received + sent) ? undefined : {received, sent}
}

/**
 * In the network namespace of a process.
 * @param pid As this machine numbers it.
 * @returns undefined: there is no such interface, or the kernel does not let us see it.
 */
export function packets(pid: number, name: string): Packets | undefined {
  try {
    return packetsOf(readFileSync(`/proc/${pid}/net/dev`, 'latin1'), name)
  } catch {
    return undefined
  }
}

/** What a program in the container reads of the same. */
export const COUNTERS_ARGV = ['cat', '/proc/net/dev'] as const

/**
 * The number of an interface in the namespace of a process: one that was made again has another.
 * @returns undefined: there is no such interface, or the kernel does not let us see it.
 */
export function interfaceIndex(pid: number, name: string): number | undefined {
  try {
    return indexOf(readFileSync(`/proc/${pid}/net/igmp`, 'latin1'), name)
  } catch {
    return undefined
  }
}

/** Of /proc/net/igmp, the one table of a namespace in /proc that names each interface with its number: "4\ttun0      :". Pure. */
export function indexOf(table: string, name: string): number | undefined {
  const found = table.split('\n').flatMap((line) => {
    const [, index, its] = /^(\d+)\s+(\S+)\s*:/.exec(line) ?? []
    return its === name ? [Number(index)] : []
  })
  return found[0]
}
