import {readdir, stat, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {clearLeftOvers, makeFolder, removeDurably} from '../../../src/lib/storage/atomic-file.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

describe('files and folders that outlive a power cut', () => {
  it('makes a folder and those above it, once', async () => {
    const folder = path.join(await tempFolder(), 'a', 'b', 'c')
    await makeFolder(folder)
    await makeFolder(folder)
    expect((await stat(folder)).mode & 0o777).toBe(0o755)
  })

  it('removes a file, and says whether it was there', async () => {
    const file = path.join(await tempFolder(), 'a')
    await writeFile(file, '')
    expect(await removeDurably(file)).toBe(true)
    expect(await removeDurably(file)).toBe(false)
  })

  it('clears away what was left of this file, and nothing else', async () => {
    const folder = await tempFolder()
    const names = ['.a.json.0123456789ab.tmp', '.b.json.0123456789ab.tmp', '.a.json.mine', 'a.json']
    await Promise.all(names.map((name) => writeFile(path.join(folder, name), '')))
    await clearLeftOvers(path.join(folder, 'a.json'))
    expect((await readdir(folder)).toSorted()).toEqual(names.slice(1).toSorted())
  })
})
