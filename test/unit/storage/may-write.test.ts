import {mkdir} from 'node:fs/promises'
import path from 'node:path'
import {expect, it} from 'vitest'
import {requireWritable, whyNot} from '../../../src/lib/storage/may-write.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

it('tells how a folder becomes writable to the watcher that its unit keeps from it', () => {
  const error = Object.assign(new Error('EROFS: read-only file system'), {code: 'EROFS'})
  expect(whyNot('/srv/books', error)).toBe(
    "/srv/books is read-only. If the watcher's unit says so: sudo homelab systemd install && sudo systemctl restart homelab-watch",
  )
})

it('is quiet of a folder that may be written, and tells of one that is not there', async () => {
  const folder = path.join(await tempFolder(), 'config')
  await expect(requireWritable(folder)).rejects.toThrow('ENOENT')
  await mkdir(folder)
  await requireWritable(folder)
})
