import {printed} from '../util/subprocess.js'
import {readFile} from 'node:fs/promises'
import path from 'node:path'
import type {Finding, Subject} from '../model/finding.js'
import {readDisk, readNearest, type DiskLook, diskSubjects, type DiskLimits, type Use} from './disk.js'
import {mediaFindings} from './media.js'

/** This machine's folders, and what they have to hold. */
type HostFolders = {
  readonly media: string
  readonly configs: string
  readonly state: string
  /** Where Docker keeps its images; undefined: it could not be asked. */
  readonly docker: Promise<string | undefined>
  /** Below the media folder: downloads and library. */
  readonly library: readonly string[]
  readonly puid: number
  readonly pgid: number
  readonly ownDisk: boolean
  readonly limits: DiskLimits
  /** Milliseconds for one folder. */
  readonly patience: number
}

/** Room, and whether films can be kept. */
export async function hostSubjects(folders: HostFolders): Promise<Subject[]> {
  const {media, configs, state, docker, library, patience} = folders
  const [root, ofMedia, mount, ...others] = await Promise.all([
    readDisk('/', patience),
    readDisk(media, patience),
    mountOf(media),
    readNearest(configs, patience),
    readNearest(state, patience),
    docker.then((folder) => (folder === undefined ? undefined : readDisk(folder, patience))),
    ...library.map((name) => readDisk(path.join(media, name), patience)),
  ])
  const [ofConfigs, ofState, ofDocker, ...ofLibrary] = others
  const named: [string, string, DiskLook][] = [
    ['media', media, ofMedia],
    ['configuration', configs, ofConfigs],
    ['state', state, ofState],
    ['images', (await docker) ?? '', ofDocker],
  ]
  const uses = named.flatMap(([name, , disk]): Use[] => (isDisk(disk) ? [{name, disk}] : []))
  const hanging = named.flatMap(([, folder, disk]): Subject[] =>
    disk === 'late' ? [{area: 'host', subject: `disk ${folder}`, findings: [hangs(folder, patience)]}] : [],
  )
  const findings =
    ofMedia === 'late'
      ? []
      : mediaFindings({
          ...{folder: media, disk: ofMedia, readOnly: mount?.readOnly ?? false, rootDevice: isDisk(root) ? root.device : -1},
          ...{folders: ofLibrary.filter(isDisk), puid: folders.puid, pgid: folders.pgid, ownDisk: folders.ownDisk},
        })
  return [{area: 'host', subject: 'media', findings}, ...diskSubjects(uses, folders.limits), ...hanging].filter(
    (subject) => subject.findings.length > 0,
  )
}

const isDisk = (look: DiskLook): look is Exclude<DiskLook, 'late' | undefined> => look !== undefined && look !== 'late'

const hangs = (folder: string, patience: number): Finding => ({
  is: 'bad',
  check: 'answers',
  says: `${folder} does not answer within ${patience / 1000} s: its disk, or the server that it is on, hangs`,
  next: ['sudo dmesg | tail -20', `mount | grep ${folder}`],
  late: true,
})

/** The mount that a folder is on, by /proc/self/mountinfo: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
type Mount = {readonly point: string; readonly readOnly: boolean}

/** @returns undefined where the kernel does not tell. */
async function mountOf(folder: string): Promise<Mount | undefined> {
  try {
    return mountIn(await readFile('/proc/self/mountinfo', 'utf8'), folder)
  } catch {
    return undefined
  }
}

/** The deepest mount above `folder`; of several at one point the last one counts. */
export function mountIn(text: string, folder: string): Mount | undefined {
  const mounts = text.split('\n').flatMap((line): Mount[] => {
    const [, , , , point, options = ''] = line.split(' ')
    // Of the file system too: one that the kernel made read-only after an error says so there.
    const [, superOptions = ''] = line.split(' - ').map((part) => part.split(' ').at(-1) ?? '')
    const readOnly = [options, superOptions].some((all) => all.split(',').includes('ro'))
    return point === undefined ? [] : [{point: unescaped(point), readOnly}]
  })
  const above = mounts.filter(({point}) => folder === point || folder.startsWith(point.endsWith('/') ? point : `${point}/`))
  return above.reduce<Mount | undefined>(
    (best, mount) => (best === undefined || mount.point.length >= best.point.length ? mount : best),
    undefined,
  )
}

/** Space, tab, newline and backslash stand as octal numbers. */
const unescaped = (text: string): string => text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))

type Patience = {readonly signal: AbortSignal; readonly limit: number}

/** Whether this machine's time is kept by others: what timedatectl reads from the kernel, whoever keeps it. */
export async function clockFinding({signal, limit}: Patience): Promise<Finding> {
  const {said} = await printed(['timedatectl', 'show', '--property=NTPSynchronized', '--property=CanNTP'], limit)
  signal.throwIfAborted()
  return judged(said)
}

const AFTER = 'timedatectl status'

/** @param shown "NTPSynchronized=no", "CanNTP=yes": a property a line. CanNTP: a program is installed that keeps the time. */
export function judged(shown: string): Finding {
  const check = 'time'
  const said = (property: string): string | undefined => new RegExp(`^${property}=(\\w+)$`, 'm').exec(shown)?.[1]
  switch (said('NTPSynchronized')) {
    case 'yes':
      return {is: 'good', check, says: 'in sync with a time server'}
    case 'no':
      return {
        is: 'bad',
        check,
        says: 'not in sync with any time server: certificates, trackers and schedules depend on it',
        next: [said('CanNTP') === 'no' ? 'sudo apt-get install systemd-timesyncd' : 'sudo timedatectl set-ntp true', AFTER],
      }
    default:
      return {is: 'unknown', check, says: 'could not be checked: timedatectl, of systemd, does not answer', optional: true}
  }
}
