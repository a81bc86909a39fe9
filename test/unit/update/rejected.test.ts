import {mkdir, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {rejectedImages} from '../../../src/lib/update/rejected.js'
import {aRejected} from '../../support/unit/job.js'
import {memoryLog} from '../../support/unit/memory-log.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

async function list() {
  const folder = await tempFolder()
  const log = memoryLog()
  const open = () => rejectedImages(folder, {now: () => new Date(), log})
  return {folder, file: path.join(folder, 'updates', 'rejected.json'), log, open, images: open()}
}

describe('the rejected images', () => {
  it('are kept, one for each image of a service, the newest last', async () => {
    const {images, open} = await list()
    expect(await images.list()).toEqual([])
    await images.add(aRejected('a'))
    await images.add(aRejected('b', {digest: undefined}))
    await images.add(aRejected('a', {service: 'radarr'}))
    await images.add(aRejected('a', {digest: undefined, at: 2}))
    await images.add(aRejected('c', {digest: 'sha256:d'}))
    await images.add(aRejected('d', {at: 3}))
    expect(await open().list()).toEqual([
      aRejected('b', {digest: undefined}),
      aRejected('a', {service: 'radarr'}),
      aRejected('a', {digest: undefined, at: 2}),
      aRejected('d', {at: 3}),
    ])
  })

  it('of one service are removed together', async () => {
    const {images} = await list()
    await images.add(aRejected('a'))
    await images.add(aRejected('b'))
    await images.add(aRejected('b', {service: 'radarr'}))
    expect(await images.remove('torrent', 'sonarr')).toBe(true)
    expect(await images.remove('torrent', 'sonarr')).toBe(false)
    expect(await images.list()).toEqual([aRejected('b', {service: 'radarr'})])
  })

  it('are 200 at most: the oldest goes', async () => {
    const {images, file} = await list()
    await images.add(aRejected('first'))
    const many = Array.from({length: 200}, (_, count) => aRejected(String(count)))
    await writeFile(file, JSON.stringify({images: many}))
    await images.add(aRejected('new'))
    expect(await images.list()).toEqual([...many.slice(1), aRejected('new')])
  })

  it('are all there when several add at once', {timeout: 20_000}, async () => {
    const {images, open} = await list()
    await Promise.all(Array.from({length: 10}, (_, count) => open().add(aRejected(String(count)))))
    expect((await images.list()).map(({imageId}) => imageId).toSorted()).toEqual(Array.from({length: 10}, (_, count) => String(count)))
  })

  it.each([
    ['', 0],
    ['null', 0],
    ['{"images": 1}', 0],
    [JSON.stringify({images: [aRejected('a'), {...aRejected('b'), at: 'x'}, null]}), 1],
  ])('that were damaged are told once, and can be written: %s', async (text, left) => {
    const {images, file, log} = await list()
    await mkdir(path.dirname(file))
    await writeFile(file, text)
    expect(await images.list()).toHaveLength(left)
    expect(await images.list()).toHaveLength(left)
    expect(log.lines).toEqual([expect.stringContaining('rejected.json is damaged')])
    await images.add(aRejected('new'))
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({images: {length: left + 1}})
  })

  it('are an error that names the file where it cannot be used', async () => {
    const {images, file} = await list()
    await mkdir(file, {recursive: true})
    const error = {exitCode: 78, message: expect.stringContaining(file) as string}
    await expect(images.list()).rejects.toMatchObject(error)
    await expect(images.add(aRejected('a'))).rejects.toMatchObject(error)
  })
})
