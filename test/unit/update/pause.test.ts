import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {updatesPause} from '../../../src/lib/update/pause.js'
import {memoryLog} from '../../support/unit/memory-log.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

async function paused() {
  const folder = await tempFolder()
  const log = memoryLog()
  const clock = {now: 1_000}
  const open = () => updatesPause(folder, {now: () => new Date(clock.now), log})
  return {file: path.join(folder, 'updates', 'paused.json'), log, clock, open, updates: open()}
}

describe('the pause of the updates', () => {
  it('lasts until they are resumed', async () => {
    const {updates, open} = await paused()
    expect(await updates.read()).toBeUndefined()
    expect(await updates.resume()).toBe(false)
    await updates.pause({since: 1_000})
    expect(await open().read()).toEqual({since: 1_000})
    expect(await updates.resume()).toBe(true)
    expect(await updates.read()).toBeUndefined()
  })

  it('lasts until its end', async () => {
    const {updates, clock} = await paused()
    await updates.pause({since: 1_000, until: 2_000})
    clock.now = 1_999
    expect(await updates.read()).toEqual({since: 1_000, until: 2_000})
    clock.now = 2_000
    expect(await updates.read()).toBeUndefined()
    expect(await updates.resume()).toBe(false)
    await updates.pause({since: 2_000})
    expect(await updates.read()).toEqual({since: 2_000})
  })

  it.each(['', '{"since": "x"}', '{"since": 1, "until": "soon"}', '[]'])(
    'lasts where its file is damaged, which is told once: %s',
    async (text) => {
      const {updates, file, log} = await paused()
      await mkdir(path.dirname(file))
      await writeFile(file, text)
      expect(await updates.read()).toEqual({since: expect.any(Number) as number})
      expect(await updates.resume()).toBe(true)
      expect(await updates.read()).toBeUndefined()
      expect(log.lines).toEqual([`warn ${file} is damaged, so updates stay paused until they are resumed.`])
    },
  )

  it('is an error that names the file where it cannot be used', async () => {
    const {updates, file} = await paused()
    await mkdir(file, {recursive: true})
    const error = {exitCode: 78, message: expect.stringContaining(file) as string}
    await expect(updates.read()).rejects.toMatchObject(error)
    await expect(updates.pause({since: 1})).rejects.toMatchObject(error)
    await expect(updates.resume()).rejects.toMatchObject(error)
  })
})
