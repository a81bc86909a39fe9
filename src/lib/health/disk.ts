import path from 'node:path'
import type {Finding, Subject} from '../model/finding.js'
import {printed} from '../util/subprocess.js'

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

/** Percent of a disk, or of its inodes, that may be used. */
export type DiskLimits = {readonly warn: number; readonly bad: number}

/** What a folder is to us: "media". */
export type Use = {readonly name: string; readonly disk: Disk}

/** Room and inodes of each file system, once. Pure. */
export function diskSubjects(uses: readonly Use[], limits: DiskLimits): Subject[] {
  const devices = [...new Set(uses.map(({disk}) => disk.device))]
  return devices.flatMap((device) => {
    const there = uses.filter(({disk}) => disk.device === device)
    const [first] = there
    if (first === undefined) return []
    const findings = [room(first.disk, limits), ...inodes(first.disk, limits)]
    return [{area: 'host', subject: `disk ${first.disk.folder}`, findings: findings.map((one) => named(one, there))}]
  })
}

/** All who suffer when it is full. */
const named = (finding: Finding, there: readonly Use[]): Finding => ({
  ...finding,
  says: `${finding.says} (${[...new Set(there.map(({name}) => name))].join(', ')})`,
})

function room({folder, bytes, bytesFree}: Disk, limits: DiskLimits): Finding {
  const used = percent(bytes, bytesFree)
  const says = `${size(bytesFree)} of ${size(bytes)} free, ${used} % used`
  return {is: level(used, limits), check: 'room', says, ...(used >= limits.warn && {next: [`sudo du -xh -d 2 ${folder} | sort -h | tail`]})}
}

function inodes({folder, inodes: all, inodesFree}: Disk, limits: DiskLimits): Finding[] {
  if (all === 0) return []
  const used = percent(all, inodesFree)
  const is = level(used, limits)
  const next = is === 'good' ? [] : [`Too many small files: sudo du -x --inodes -d 2 ${folder} | sort -n | tail`]
  return [{is, check: 'inodes', says: `${used} % of the inodes used`, next}]
}

/** Rounded down, so that 100 means full. */
const percent = (all: number, free: number): number => (all === 0 ? 0 : Math.floor(((all - free) / all) * 100))

const level = (used: number, {warn, bad}: DiskLimits): Finding['is'] => (used >= bad ? 'bad' : used >= warn ? 'warn' : 'good')

function size(bytes: number): string {
  const units: readonly [number, string][] = [
    [1e12, 'TB'],
    [1e9, 'GB'],
    [1e6, 'MB'],
  ]
  const [unit, name] = units.find(([least]) => bytes >= least) ?? [1e6, 'MB']
  return `${(bytes / unit).toFixed(1)} ${name}`
}
