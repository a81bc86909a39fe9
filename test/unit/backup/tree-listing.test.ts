import {mkdir, rm, symlink, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {difference, isEmpty, syncedListing} from '../../../src/lib/backup/tree-listing.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const signal = new AbortController().signal

async function posters(count: number): Promise<string> {
  const folder = await tempFolder()
  await Promise.all(Array.from({length: count}, (_, index) => writeFile(path.join(folder, `poster-${index}`), 'jpeg')))
  return folder
}

describe('what a tree holds', () => {
  it('is listed with kind and size, by name, without following links', async () => {
    const folder = await tempFolder()
    await mkdir(path.join(folder, 'logs'))
    await writeFile(path.join(folder, 'logs', 'today.txt'), 'a line\n')
    await symlink('/etc', path.join(folder, 'elsewhere'))
    const {entries, files, folders, bytes} = await syncedListing(folder, signal)
    expect({entries, files, folders, bytes}).toEqual({
      entries: [
        {path: '', kind: 'folder', size: 0},
        {path: 'elsewhere', kind: 'link', size: 0},
        {path: 'logs', kind: 'folder', size: 0},
        {path: 'logs/today.txt', kind: 'file', size: 7},
      ],
      files: 1,
      folders: 2,
      bytes: 7,
    })
  })

  it('is not listed one by one where it is very much, and what is missing is still told by the counts', async () => {
    const folder = await posters(40)
    const wanted = await syncedListing(folder, signal, 30)
    expect(wanted).not.toHaveProperty('entries')
    await rm(path.join(folder, 'poster-7'))
    expect(difference(wanted, await syncedListing(folder, signal, 30))).toBe(
      '39 files and 1 folders with 156 bytes instead of 40 files and 1 folders with 160 bytes',
    )
  })

  it('differs in one file of very many that has another name and the same size', async () => {
    const folder = await posters(40)
    const wanted = await syncedListing(folder, signal, 30)
    await rm(path.join(folder, 'poster-7'))
    await writeFile(path.join(folder, 'poster-x'), 'jpeg')
    expect(difference(wanted, await syncedListing(folder, signal, 30))).toBeDefined()
  })

  it('keeps names that are no UTF-8 apart', async () => {
    const folder = await tempFolder()
    const name = (byte: number): Buffer => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([byte])])
    await writeFile(name(0xe4), '')
    const wanted = await syncedListing(folder, signal)
    await rm(name(0xe4))
    await writeFile(name(0xf6), '')
    expect((await syncedListing(folder, signal)).digest).not.toBe(wanted.digest)
  })

  it('is nothing only where there is nothing', async () => {
    const folder = await tempFolder()
    expect(isEmpty(await syncedListing(folder, signal))).toBe(true)
    await symlink('x', path.join(folder, 'y'))
    expect(isEmpty(await syncedListing(folder, signal))).toBe(false)
    expect(isEmpty(await syncedListing(await posters(0), signal))).toBe(true)
  })
})
