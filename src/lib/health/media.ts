import path from 'node:path'
import type {Finding} from '../model/finding.js'
import type {Disk} from './disk.js'

/** The media folder, and what is in it. */
type Media = {
  readonly folder: string
  /** undefined: there is no such folder. */
  readonly disk: Disk | undefined
  readonly rootDevice: number
  /** Mounted read-only. */
  readonly readOnly: boolean
  /** Downloads and library; those that are not there yet are left out. */
  readonly folders: readonly Disk[]
  readonly puid: number
  readonly pgid: number
  /** Whether it has to be a disk of its own. */
  readonly ownDisk: boolean
}

/** Whether films can be kept there. Pure. */
export function mediaFindings(media: Media): Finding[] {
  const {folder, disk} = media
  if (disk === undefined)
    return [
      {is: 'bad', check: 'mounted', says: `there is no ${folder}`, next: [`sudo install -d -o ${media.puid} -g ${media.pgid} ${folder}`]},
    ]
  return [mounted(media, disk), writable(media, disk), oneFileSystem(media, disk)]
}

/** An unmounted disk leaves its empty folder: what is downloaded then fills the root. */
function mounted({folder, rootDevice, ownDisk}: Media, disk: Disk): Finding {
  const check = 'mounted'
  if (disk.device !== rootDevice) return {is: 'good', check, says: `${folder} is a file system of its own`}
  if (!ownDisk) return {is: 'good', check, says: `${folder} is on the root file system, as homelab.yml has it (mediaDisk: false)`}
  return {
    is: 'bad',
    check,
    says: `${folder} is on the root file system: its disk is not mounted, and what is downloaded fills the root`,
    next: [`sudo mount ${folder}`, 'If it is meant to be there, in homelab.yml: health: {mediaDisk: false}'],
  }
}

const [OWNER, GROUP, OTHERS] = [0o300, 0o030, 0o003]

/** By owner and mode, as the kernel would judge for a user who is nobody special. */
function writable({folder, readOnly, puid, pgid}: Media, {uid, gid, mode}: Disk): Finding {
  const check = 'writable'
  if (readOnly)
    return {
      is: 'bad',
      check,
      says: `${folder} is mounted read-only`,
      next: ['sudo dmesg | tail -20 tells why', `sudo mount -o remount,rw ${folder}`],
    }
  const needed = uid === puid ? OWNER : gid === pgid ? GROUP : OTHERS
  const who = `PUID ${puid}, PGID ${pgid}`
  if (puid === 0 || (mode & needed) === needed) return {is: 'good', check, says: `by ${who}`}
  const is = `it belongs to ${uid}:${gid}, mode ${(mode & 0o777).toString(8)}`
  return {is: 'bad', check, says: `${folder} is not writable by ${who}: ${is}`, next: [`sudo chown ${puid}:${pgid} ${folder}`]}
}

/** Across file systems a hardlink becomes a copy, which needs the room twice. */
function oneFileSystem({folder, folders}: Media, disk: Disk): Finding {
  const check = 'hardlinks'
  const elsewhere = folders.filter(({device}) => device !== disk.device).map((one) => path.relative(folder, one.folder))
  if (elsewhere.length > 0)
    return {
      is: 'bad',
      check,
      says: `${elsewhere.join(', ')}: another file system than ${folder}, so every import is a copy that needs the room twice`,
      next: ['Keep downloads and library on one disk, below one mount'],
    }
  if (folders.length < 2)
    return {is: 'unknown', check, says: `of downloads and library there are ${folders.length} below ${folder} as yet`, optional: true}
  return {is: 'good', check, says: `${folders.map((one) => path.basename(one.folder)).join(', ')} are on one file system`}
}
