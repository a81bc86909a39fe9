import path from 'node:path'
import {printed} from '../time/timely-program.js'

/** The file system that a folder is on. */
export type Disk = {
  readonly folder: string
  /** Equal for folders of one file system. */
  readonly device: number
  readonly bytes: number
  /** What is left for everybody but root. */
  readonly bytesFree: number
  /** 0 where the file system makes them as it needs them (btrfs, ZFS). */
  readonly inodes: number
  readonly inodesFree: number
  /** Of the folder itself. */
  readonly uid: number
  readonly gid: number
  readonly mode: number
}

/** undefined: there is no such folder, or it may not be looked at. `late`: it does not answer, as a network disk whose server is away. */
export type DiskLook = Disk | 'late' | undefined

/**
 * Asked of `stat`.
 * @param limit Milliseconds.
 */
export async function readDisk(folder: string, limit: number): Promise<DiskLook> {
  const [system, itself] = await Promise.all([
    printed(['stat', '-f', '-c', '%S %b %a %c %d', folder], limit),
    printed(['stat', '-L', '-c', '%d %u %g %a', folder], limit),
  ])
  if (system.is === 'late' || itself.is === 'late') return 'late'
  return toDisk(folder, numbers(system.said), itself.said)
}

function toDisk(folder: string, system: readonly number[], itself: string): Disk | undefined {
  const [size, blocks, free, inodes, inodesFree] = system
  const [device, uid, gid] = numbers(itself)
  if (!size || !blocks || free === undefined || device === undefined || uid === undefined || gid === undefined) return undefined
  const mode = parseInt(itself.split(' ')[3] ?? '0', 8)
  const room = {bytes: blocks * size, bytesFree: free * size, inodes: inodes ?? 0, inodesFree: inodesFree ?? 0}
  return {folder, device, ...room, uid, gid, mode}
}

/** A folder, or the nearest one above it that there is. */
export async function readNearest(folder: string, limit: number): Promise<DiskLook> {
  for (let at = folder; ; at = path.dirname(at)) {
    const found = await readDisk(at, limit)
    if (found !== undefined || at === path.dirname(at)) return found
  }
}

const numbers = (line: string): number[] => (line === '' ? [] : line.split(' ').map(Number))
