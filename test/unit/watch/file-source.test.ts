import {rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {fileSource} from '../../../src/lib/watch/file-source.js'
import {listeningLog} from '../../support/unit/log.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

/** A source that counts; "broken" in its file is refused. */
async function source(text = 'one') {
  const file = path.join(await tempFolder(), 'torrent.yml')
  await writeFile(file, text)
  const {log, lines} = listeningLog()
  const state = {text, reads: 0}
  const write = async (next: string): Promise<void> => {
    state.text = next
    await writeFile(file, next)
  }
  const read = fileSource({
    files: [file, `${file}.not-there`],
    log,
    read: async () => {
      state.reads++
      if (state.text.startsWith('broken')) throw new Error('it is broken')
      return state.text
    },
  })
  return {file, lines, state, write, read}
}

describe('a stack that is read from files', () => {
  it('is read once, and again when one of them changed', async () => {
    const {read, write, state} = await source()
    expect([await read(), await read(), state.reads]).toEqual(['one', 'one', 1])
    await write('another')
    expect([await read(), await read(), state.reads]).toEqual(['another', 'another', 2])
  })

  it('is what it was before, while a file cannot be used, which is said once', async () => {
    const {file, read, write, state, lines} = await source()
    await read()
    await write('broken')
    expect([await read(), await read(), state.reads]).toEqual(['one', 'one', 2])
    expect(lines).toEqual([`warn: what was changed in ${file} cannot be used, so what it said before still holds: it is broken`])
    await write('mended')
    expect(await read()).toBe('mended')
  })

  it('fails as long as it never succeeded, and tries again', async () => {
    const {read, write} = await source('broken')
    await expect(read()).rejects.toThrow('it is broken')
    await expect(read()).rejects.toThrow('it is broken')
    await write('mended')
    expect(await read()).toBe('mended')
  })

  it('notices that a file is gone', async () => {
    const {file, read, state} = await source()
    await read()
    await rm(file)
    await read()
    expect(state.reads).toBe(2)
  })
})
