import {mkdir, readdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {transactions} from '../../../src/lib/update/transaction-store.js'
import {aTransaction} from '../../support/unit/job.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

describe('the transaction under way', () => {
  it('is read as it was written, a project, until it is cleared', async () => {
    const folder = path.join(await tempFolder(), 'not', 'yet')
    const store = transactions(folder)
    expect(await store.read('torrent')).toBeUndefined()
    await store.write('torrent', aTransaction())
    await store.write('torrent', aTransaction({phase: 'returning', reasons: {sonarr: 'it is unhealthy'}}))
    await store.write('plex', aTransaction({stack: 'plex', services: []}))
    expect(await transactions(folder).read('torrent')).toEqual(aTransaction({phase: 'returning', reasons: {sonarr: 'it is unhealthy'}}))
    await store.clear('torrent')
    await store.clear('torrent')
    expect(await store.read('torrent')).toBeUndefined()
    expect(await readdir(path.join(folder, 'updates'))).toEqual(['plex.json'])
  })

  it('of a project takes the place of no other file', async () => {
    const folder = await tempFolder()
    await transactions(folder).write('paused', aTransaction({stack: 'paused'}))
    expect(await readdir(path.join(folder, 'updates'))).toEqual(['paused+.json'])
    expect(await transactions(folder).read('paused')).toEqual(aTransaction({stack: 'paused'}))
  })

  it.each([
    ['', '<stack>'],
    ['null', '<stack>'],
    ['{"op": "a', '<stack>'],
    [JSON.stringify({...aTransaction(), phase: 'else'}), 'torrent'],
    [JSON.stringify({...aTransaction(), services: [{service: 'sonarr'}]}), 'torrent'],
    [JSON.stringify({...aTransaction(), services: {}}), 'torrent'],
    [JSON.stringify({...aTransaction(), reasons: {sonarr: 1}}), 'torrent'],
  ])('is an error that says what to do where it is damaged: %s', async (text, stack) => {
    const folder = await tempFolder()
    const file = path.join(folder, 'updates', 'torrent.json')
    await mkdir(path.dirname(file))
    await writeFile(file, text)
    await expect(transactions(folder).read('torrent')).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining(file) as string,
      next: [expect.stringContaining(`homelab stack ${stack} status`) as string, expect.stringContaining(`rm ${file}`) as string],
    })
  })

  it('is an error that names the file where it cannot be used', async () => {
    const folder = await tempFolder()
    const file = path.join(folder, 'updates', 'torrent.json')
    await mkdir(file, {recursive: true})
    const store = transactions(folder)
    const error = {exitCode: 78, message: expect.stringContaining(file) as string}
    await expect(store.read('torrent')).rejects.toMatchObject(error)
    await expect(store.write('torrent', aTransaction())).rejects.toMatchObject(error)
    await expect(store.clear('torrent')).rejects.toMatchObject(error)
  })
})
