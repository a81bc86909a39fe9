import {describe, expect, it} from 'vitest'
import {mountIn} from '../../../src/lib/health/host.js'

const line = (point: string, options: string, superOptions = 'rw') =>
  `36 35 98:0 / ${point} ${options} shared:1 - ext4 /dev/sda1 ${superOptions}`
const TABLE = [line('/', 'rw,relatime'), line('/mnt/media', 'rw'), line('/mnt/media/tv', 'ro'), line('/mnt/a\\040disk', 'rw')].join('\n')

describe('the mount of a folder', () => {
  it.each([
    ['/', '/', false],
    ['/srv/films', '/', false],
    ['/mnt/media', '/mnt/media', false],
    ['/mnt/media/movies', '/mnt/media', false],
    ['/mnt/mediathek', '/', false],
    ['/mnt/media/tv/one', '/mnt/media/tv', true],
    ['/mnt/a disk/x', '/mnt/a disk', false],
  ])('%s is on %s', (folder, point, readOnly) => {
    expect(mountIn(TABLE, folder)).toEqual({point, readOnly})
  })

  it('is the last one of several at one point', () => {
    expect(mountIn(`${TABLE}\n${line('/mnt/media', 'ro')}`, '/mnt/media')).toEqual({point: '/mnt/media', readOnly: true})
  })

  it('is read-only, too, when the kernel made its file system so after an error', () => {
    expect(mountIn(line('/', 'rw,relatime', 'ro,errors=remount-ro'), '/srv')?.readOnly).toBe(true)
  })

  it('is nothing where there is no table', () => {
    expect(mountIn('', '/srv')).toBeUndefined()
  })
})
