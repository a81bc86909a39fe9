import {describe, expect, it} from 'vitest'
import {type Disk, diskSubjects} from '../../../src/lib/health/disk.js'
import {mediaFindings} from '../../../src/lib/health/media.js'

const disk = (more: Partial<Disk> = {}): Disk => ({
  ...{folder: '/mnt/media', device: 2, bytes: 1e12, bytesFree: 5e11, inodes: 1000, inodesFree: 900, uid: 1000, gid: 1000, mode: 0o755},
  ...more,
})
const LIMITS = {warn: 85, bad: 95}

describe('room on disks', () => {
  it.each([
    [{bytesFree: 5e11}, 'good', '500.0 GB of 1.0 TB free, 50 % used (media)'],
    [{bytesFree: 1.5e11}, 'warn', '150.0 GB of 1.0 TB free, 85 % used (media)'],
    [{bytesFree: 5e10}, 'bad', '50.0 GB of 1.0 TB free, 95 % used (media)'],
    [{bytesFree: 0}, 'bad', '0.0 MB of 1.0 TB free, 100 % used (media)'],
  ])('%j is %s', (more, is, says) => {
    const [subject] = diskSubjects([{name: 'media', disk: disk(more)}], LIMITS)
    expect(subject?.findings[0]).toMatchObject({is, check: 'room', says})
  })

  it('counts inodes, where the file system has a number of them', () => {
    const inodes = (more: Partial<Disk>) => diskSubjects([{name: 'media', disk: disk(more)}], LIMITS)[0]?.findings.slice(1)
    expect(inodes({inodesFree: 10})).toMatchObject([{is: 'bad', says: '99 % of the inodes used (media)'}])
    expect(inodes({inodes: 0, inodesFree: 0})).toEqual([])
  })

  it('tells of one file system once, and of all that is on it', () => {
    const subjects = diskSubjects(
      [
        {name: 'media', disk: disk()},
        {name: 'state', disk: disk({folder: '/', device: 1})},
        {name: 'images', disk: disk({folder: '/var/lib/docker', device: 1})},
      ],
      LIMITS,
    )
    expect(subjects.map(({subject}) => subject)).toEqual(['disk /mnt/media', 'disk /'])
    expect(subjects[1]?.findings[0]?.says).toMatch(/\(state, images\)$/)
  })
})

describe('the media folder', () => {
  const media = {folder: '/mnt/media', disk: disk(), rootDevice: 1, readOnly: false, folders: [], puid: 1000, pgid: 1000, ownDisk: true}
  const told = (more: object) => Object.fromEntries(mediaFindings({...media, ...more}).map(({check, is}) => [check, is]))

  it('is well on a disk of its own that its owner may write to', () => {
    const folders = ['downloads', 'movies'].map((name) => disk({folder: `/mnt/media/${name}`}))
    expect(told({folders})).toEqual({mounted: 'good', writable: 'good', hardlinks: 'good'})
  })

  it('is not, when its disk is not mounted; unless it is meant to be on the root', () => {
    expect(told({rootDevice: 2}).mounted).toBe('bad')
    expect(told({rootDevice: 2, ownDisk: false}).mounted).toBe('good')
    expect(told({disk: undefined})).toEqual({mounted: 'bad'})
  })

  it.each([
    [{uid: 1000, mode: 0o700}, 'good'],
    [{uid: 0, gid: 1000, mode: 0o775}, 'good'],
    [{uid: 0, gid: 0, mode: 0o777}, 'good'],
    [{uid: 0, gid: 0, mode: 0o755}, 'bad'],
    [{uid: 1000, gid: 1000, mode: 0o577}, 'bad'],
    [{uid: 0, gid: 1000, mode: 0o757}, 'bad'],
  ])('of %j is writable: %s', (more, is) => {
    expect(told({disk: disk(more)}).writable).toBe(is)
  })

  it('is writable by root, and by nobody when it is mounted read-only', () => {
    expect(told({disk: disk({uid: 5, gid: 5, mode: 0o700}), puid: 0}).writable).toBe('good')
    expect(told({readOnly: true, puid: 0}).writable).toBe('bad')
  })

  it('has downloads and library on one file system; that is open while there are none', () => {
    expect(told({folders: [disk({folder: '/mnt/media/downloads'}), disk({folder: '/mnt/media/tv', device: 3})]}).hardlinks).toBe('bad')
    expect(mediaFindings(media).at(-1)).toMatchObject({is: 'unknown', optional: true})
  })
})
