import path from 'node:path'
import type {Finding, Subject} from '../model/finding.js'
import {readDisk, readNearest, type DiskLook} from './disk.js'
import {diskSubjects, type DiskLimits, type Use} from './disk-findings.js'
import {mediaFindings} from './media-findings.js'
import {mountOf} from './mounts.js'

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
