import {describe, expect, it} from 'vitest'
import {remedyText, versionFinding} from '../../../src/lib/doctor/remedy.js'
import {folderDiagnosis} from '../../../src/lib/doctor/folders.js'
import {imageDiagnoses, withUnread} from '../../../src/lib/doctor/stacks.js'
import {socketsIn, portDiagnoses} from '../../../src/lib/doctor/ports.js'

it.each([
  ['engine', '26.1.5+dfsg1', 'good'],
  ['engine', '24.0.9', 'bad'],
  ['engine', 'library-import', 'unknown'],
  ['compose', 'v2.24.4', 'good'],
  ['compose', '2.24.3', 'bad'],
  ['compose', '5.1.9', 'good'],
  ['compose', '5.2.1', 'bad'],
  ['compose', '5.3.0', 'good'],
] as const)('%s %s is %s', (of, said, is) => {
  expect(versionFinding(of, said).is).toBe(is)
})

describe('a folder of a service that runs as 1000:1000', () => {
  const wanted = {path: '/c/kitana', service: 'kitana', uid: 1000, gid: 1000}

  it.each([
    [{uid: 1000, gid: 5, mode: 0o755}, undefined],
    [{uid: 5, gid: 1000, mode: 0o775}, undefined],
    [{uid: 5, gid: 5, mode: 0o777}, undefined],
    [{uid: 0, gid: 0, mode: 0o755}, 'sudo chown -R 1000:1000 /c/kitana'],
    [undefined, 'sudo install -d -o 1000 -g 1000 /c/kitana'],
  ])('%j: %s', (owner, next) => {
    expect(folderDiagnosis(wanted, owner)?.next?.[0]).toBe(next)
  })

  it('whose disk hangs is not called missing', () => {
    expect(folderDiagnosis(wanted, 'late')).toMatchObject({is: 'unknown', says: expect.stringContaining('hangs') as string})
  })

  it('is mended by itself only where it is missing', () => {
    expect(folderDiagnosis(wanted, undefined)?.remedy?.is).toBe('folder')
    expect(folderDiagnosis(wanted, {uid: 0, gid: 0, mode: 0o755})?.remedy).toBeUndefined()
  })
})

it('reads who listens out of the kernel’s tables', () => {
  const table = `  sl  local_address rem_address   st
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12 1
   2: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 13 1`
  expect(socketsIn(table)).toEqual([
    {address: '127.0.0.1', port: 8080, inode: '4711'},
    {address: '0.0.0.0', port: 22, inode: '12'},
  ])
  expect(socketsIn('0: 00000000000000000000000000000000:0050 x 0A a b c d e 7')[0]).toMatchObject({address: '::', port: 80})
})

it('tells each remedy as a person would type it', () => {
  expect(remedyText({is: 'mode', path: '/x', mode: 0o600})).toBe('chmod 600 /x')
  expect(remedyText({is: 'module', name: 'tun'})).toBe('sudo modprobe tun')
})

describe('an empty list is no success', () => {
  it('of images: none here is not "all for this machine"', () => {
    const one = {reference: 'x:1', image: undefined}
    expect(imageDiagnoses([one], 'amd64')).toEqual([
      {
        is: 'unknown',
        check: 'images',
        says: 'none is here yet, so whether they are for amd64 is not known; 1 will be pulled',
        optional: true,
      },
    ])
    expect(imageDiagnoses([one, {reference: 'y:1', image: {architecture: 'amd64'}}], 'amd64')).toMatchObject([
      {is: 'good', says: '1 here, all for amd64; 1 will be pulled'},
    ])
  })

  it('of listeners: what could not be read is not "none is taken"', () => {
    expect(portDiagnoses([], undefined)).toMatchObject([{is: 'unknown', check: 'ports'}])
    expect(portDiagnoses([], [])).toMatchObject([{is: 'good', check: 'ports'}])
  })

  it('of stacks: what was counted without some of them is not fine', () => {
    const found = [
      {is: 'good', check: 'ports', says: '3 wanted, none is taken by others'},
      {is: 'unknown', check: 'images', says: 'none is here yet', optional: true},
      {is: 'good', check: 'tunnel', says: '/dev/net/tun is there'},
      {is: 'bad', check: 'port 80', says: 'taken'},
    ] as const
    expect(withUnread(found, [])).toEqual(found)
    expect(withUnread(found, ['torrent', 'plex'])).toEqual([
      {is: 'unknown', check: 'ports', says: '3 wanted, none is taken by others; but torrent, plex could not be read'},
      {is: 'unknown', check: 'images', says: 'none is here yet; but torrent, plex could not be read'},
      found[2],
      found[3],
    ])
  })
})
