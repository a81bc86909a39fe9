import {chmod, mkdir, readdir, readFile, stat, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {makeFolder, writeFirst} from '../../../src/lib/stack/prepare-host.js'
import {OperatorError} from '../../../src/lib/util/errors.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const IS_ROOT = process.getuid?.() === 0
/** Nobody but root may give files away. */
const OWNER = IS_ROOT ? {uid: 4711, gid: 4712} : {uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0}

describe('what a first start needs', () => {
  const owner = async (at: string) => {
    const {uid, gid} = await stat(at)
    return {uid, gid}
  }
  const fileIn = (within: string) => ({within, path: path.join(within, 'qBittorrent/qBittorrent.conf'), content: 'ours\n'})

  it('is a folder of its owner', async () => {
    const at = path.join(await tempFolder(), 'media/downloads')
    await makeFolder(at, OWNER)
    expect(await owner(at)).toEqual(OWNER)
  })

  it('is a file of its owner, whole, in folders of its owner; those above stay what they are', async () => {
    const configs = path.join(await tempFolder(), 'configs')
    await mkdir(configs)
    const before = await owner(configs)
    const file = fileIn(path.join(configs, 'qbittorrent'))
    expect(await writeFirst(file, OWNER)).toBeUndefined()
    expect(await readFile(file.path, 'utf8')).toBe('ours\n')
    for (const at of [file.within, path.dirname(file.path), file.path]) expect(await owner(at)).toEqual(OWNER)
    expect(await owner(configs)).toEqual(before)
    expect(await readdir(path.dirname(file.path))).toEqual(['qBittorrent.conf'])
  })

  it('never overwrites: what has come meanwhile stays, and is told', async () => {
    const file = fileIn(path.join(await tempFolder(), 'later'))
    await mkdir(path.dirname(file.path), {recursive: true})
    await writeFile(file.path, 'theirs\n')
    expect(await writeFirst(file, OWNER)).toBe(`${file.path} is there by now, and stays as it is`)
    expect(await readFile(file.path, 'utf8')).toBe('theirs\n')
    expect(await readdir(path.dirname(file.path))).toEqual(['qBittorrent.conf'])
  })

  it('that cannot be made says what to type', async () => {
    const blocked = path.join(await tempFolder(), 'a-file')
    await writeFile(blocked, '')
    await chmod(blocked, 0o600)
    const error = await makeFolder(path.join(blocked, 'below'), OWNER).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(OperatorError)
    expect((error as OperatorError).next.join()).toContain('ls -ld ')
  })
})
