import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {cascadeMemory} from '../../../src/lib/cascade/state.js'
import {anEpisode} from '../../support/unit/cascade.js'
import {tempFolder} from '../../support/unit/temp-folder.js'
import {NOTHING_REMEMBERED} from '../../../src/lib/model/cascade.js'

const withFile = async (text: string) => {
  const folder = await tempFolder()
  await mkdir(path.join(folder, 'cascade'))
  await writeFile(path.join(folder, 'cascade', 'torrent.json'), text)
  return cascadeMemory(folder)
}

describe('what cascades remember', () => {
  it('is read as it was written', async () => {
    const store = cascadeMemory(await tempFolder())
    const memory = {
      parked: [{service: 'sonarr', reason: 'a test', since: 1}],
      ran: ['a'],
      cascades: [2],
      episode: anEpisode({}),
      pausedUntil: 3,
    }
    expect(await store.read('torrent')).toEqual(NOTHING_REMEMBERED)
    await store.write('torrent', memory)
    expect(await store.read('torrent')).toEqual(memory)
  })

  it.each([
    '',
    'null',
    '[]',
    '{"parked": 1',
    '{"parked":[null,{"service":1}],"ran":[2],"cascades":["x"],"episode":"x","pausedUntil":"soon"}',
    '{"episode":{"op":"a"}}',
  ])('is nothing where the file is damaged: %s', async (text) => {
    const store = await withFile(text)
    expect(await store.read('torrent')).toEqual(NOTHING_REMEMBERED)
  })

  it('is an error that names the file where it cannot be used', async () => {
    const folder = await tempFolder()
    await mkdir(path.join(folder, 'cascade', 'torrent.json'), {recursive: true})
    await expect(cascadeMemory(folder).read('torrent')).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining('torrent.json') as string,
    })
    await writeFile(path.join(folder, 'file'), '')
    await expect(cascadeMemory(path.join(folder, 'file')).write('torrent', NOTHING_REMEMBERED)).rejects.toMatchObject({exitCode: 78})
  })
})
