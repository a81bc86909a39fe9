import {mkdir, readdir, readFile, stat, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {LEFT_OVER, writeAtomically} from '../../../src/lib/storage/atomic-file.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

describe('a file written atomically', () => {
  it('replaces the old one, for its owner alone, and leaves nothing else behind', async () => {
    const folder = await tempFolder()
    const file = path.join(folder, 'state.json')
    await writeFile(file, 'old', {mode: 0o644})
    await writeAtomically(file, 'new 🎬')
    expect(await readFile(file, 'utf8')).toBe('new 🎬')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['state.json'])
  })

  it('may be read by others if that is asked for', async () => {
    const file = path.join(await tempFolder(), 'torrent.pins.yml')
    await writeAtomically(file, 'new', 0o644)
    expect((await stat(file)).mode & 0o777).toBe(0o644)
  })

  it('is whole when several write it at once', async () => {
    const file = path.join(await tempFolder(), 'state.json')
    const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(100_000))
    await Promise.all(texts.map((text) => writeAtomically(file, text)))
    expect(texts).toContain(await readFile(file, 'utf8'))
  })

  it('stays what it was if writing fails', async () => {
    const folder = await tempFolder()
    await mkdir(path.join(folder, 'state.json', 'in-the-way'), {recursive: true})
    await expect(writeAtomically(path.join(folder, 'state.json'), 'new')).rejects.toThrow('EISDIR')
    expect(await readdir(folder)).toEqual(['state.json'])
  })

  it('is known by its left-over name, and nothing else is', () => {
    expect(LEFT_OVER.test('.state.json.0123456789ab.tmp')).toBe(true)
    expect(LEFT_OVER.test('state.json')).toBe(false)
    expect(LEFT_OVER.test('notes.tmp')).toBe(false)
  })
})
