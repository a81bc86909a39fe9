import {execFileSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {
  chmod,
  chown,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it, onTestFinished, vi} from 'vitest'
import {copyFolders, restoreFolders} from '../../../src/lib/backup/copies.js'
import {itUnless, lacksRoot} from '../../support/scenario/needs.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const signal = new AbortController().signal

/** A configuration as an application leaves it. */
async function configuration(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'logs', 'old'), {recursive: true})
  await writeFile(path.join(folder, 'database'), 'old rows\n')
  await writeFile(path.join(folder, 'config.xml'), '<Config/>\n', {mode: 0o600})
  await writeFile(path.join(folder, 'logs', 'today.txt'), 'a line\n')
  await symlink('database', path.join(folder, 'current'))
}

/** What a new version does to it. */
async function migrate(folder: string): Promise<void> {
  await writeFile(path.join(folder, 'database'), 'rows of the new version\n')
  await writeFile(path.join(folder, 'migrated'), '')
  await rm(path.join(folder, 'logs'), {recursive: true})
}

/** Every path below a folder, with what it holds. */
async function content(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, {recursive: true})).toSorted()
  const entries = names.map(async (name): Promise<[string, string]> => {
    const file = path.join(folder, name)
    const found = await lstat(file)
    return [name, found.isDirectory() ? 'folder' : found.isSymbolicLink() ? `-> ${await readlink(file)}` : await readFile(file, 'utf8')]
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** A configuration that was copied, and then changed by a new version. */
async function copied(): Promise<{root: string; folder: string; backup: string; before: Record<string, string>}> {
  const root = await tempFolder()
  const [folder, backup] = [path.join(root, 'sonarr'), path.join(root, 'state', 'backups', 'sonarr', 'op')]
  await configuration(folder)
  const before = await content(folder)
  await copyFolders([folder], backup, signal)
  await migrate(folder)
  return {root, folder, backup, before}
}

describe('a copy of a configuration', () => {
  it('is put back as it was: what the new version wrote goes, what it removed comes back', async () => {
    const {root, folder, backup, before} = await copied()
    await restoreFolders([folder], backup, signal)
    expect(await content(folder)).toEqual(before)
    expect((await stat(path.join(folder, 'config.xml'))).mode & 0o777).toBe(0o600)
    expect(await readdir(root)).toEqual(['sonarr', 'state'])
  })

  itUnless(lacksRoot(), 'keeps owners and modes, also those of the folder itself', async () => {
    const root = await tempFolder()
    const [folder, backup] = [path.join(root, 'sonarr'), path.join(root, 'backup')]
    await configuration(folder)
    await Promise.all([chown(folder, 1000, 1001), chmod(folder, 0o750), chown(path.join(folder, 'database'), 1000, 1001)])
    await copyFolders([folder], backup, signal)
    await Promise.all([chown(folder, 0, 0), chmod(folder, 0o777), chown(path.join(folder, 'database'), 0, 0)])
    await restoreFolders([folder], backup, signal)
    const [own, database] = [await stat(folder), await stat(path.join(folder, 'database'))]
    expect([own.uid, own.gid, own.mode & 0o777, database.uid, database.gid]).toEqual([1000, 1001, 0o750, 1000, 1001])
  })

  it('of a folder behind a link is of what the link names; it is put back there, and the link stays', async () => {
    const root = await tempFolder()
    const [real, link, backup] = [path.join(root, 'disk', 'sonarr'), path.join(root, 'sonarr'), path.join(root, 'backup')]
    await configuration(real)
    await symlink(path.join('disk', 'sonarr'), link)
    const before = await content(real)
    await copyFolders([link], backup, signal)
    await migrate(real)
    await restoreFolders([link], backup, signal)
    expect(await content(real)).toEqual(before)
    expect(await readlink(link)).toBe(path.join('disk', 'sonarr'))
  })

  it('is not put back where a link names another folder by now', async () => {
    const root = await tempFolder()
    const [real, link, backup] = [path.join(root, 'real'), path.join(root, 'sonarr'), path.join(root, 'backup')]
    await configuration(real)
    await symlink('real', link)
    await copyFolders([link], backup, signal)
    await mkdir(path.join(root, 'other'))
    await rm(link)
    await symlink('other', link)
    await expect(restoreFolders([link], backup, signal)).rejects.toThrow(/is a link to another folder than when it was copied/)
    expect(await readdir(path.join(root, 'other'))).toEqual([])
  })

  itUnless(lacksRoot(), 'is put into a folder that is a mount point, and into a mount point within it', async () => {
    const {root, folder, backup} = await mountedCopy()
    await migrate(folder)
    await writeFile(path.join(folder, 'cache', 'index'), 'new')
    await restoreFolders([folder], backup, signal)
    expect(await content(folder)).toEqual({
      'config.xml': '<Config/>\n',
      cache: 'folder',
      'cache/index': 'old',
      database: 'old rows\n',
      current: '-> database',
      logs: 'folder',
      'logs/old': 'folder',
      'logs/today.txt': 'a line\n',
    })
    for (const mount of [folder, path.join(folder, 'cache')])
      expect(execFileSync('mountpoint', [mount], {encoding: 'utf8'})).toContain('is a mountpoint')
    expect(await readdir(root)).toEqual(['backup', 'sonarr'])
  })

  it('of a single file is put back', async () => {
    const root = await tempFolder()
    const [file, backup] = [path.join(root, 'app.yml'), path.join(root, 'backup')]
    await writeFile(file, 'old')
    await copyFolders([file], backup, signal)
    await writeFile(file, 'new version')
    await restoreFolders([file], backup, signal)
    expect(await readFile(file, 'utf8')).toBe('old')
  })

  it('is on disk, each file and folder, before it is called whole', async () => {
    const root = await tempFolder()
    const [folder, backup] = [path.join(root, 'sonarr'), path.join(root, 'backup')]
    await configuration(folder)
    const handle = await open(folder, 'r')
    const synced: number[] = []
    const spy = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'sync').mockImplementation(async function (this: typeof handle) {
      if (!existsSync(path.join(backup, 'whole'))) synced.push((await this.stat()).ino)
    })
    onTestFinished(() => spy.mockRestore())
    await handle.close()
    await copyFolders([folder], backup, signal)
    const names = ['', 'database', 'config.xml', 'logs', 'logs/old', 'logs/today.txt']
    const wanted = await Promise.all(names.map(async (name) => (await stat(path.join(backup, '0', name))).ino))
    expect(synced).toEqual(expect.arrayContaining(wanted))
  })

  it('is not made of a folder that could not be written later', async () => {
    const {folder, backup} = await copied()
    await expect(copyFolders([`${folder}-nowhere`], `${backup}2`, signal)).rejects.toThrow(/cannot be copied to/)
    expect(existsSync(`${backup}2`)).toBe(false)
  })
})

describe('a copy that is not what it should be is not put back, and nothing is touched', () => {
  it.each<[string, (copy: string, backup: string) => Promise<unknown>, RegExp]>([
    ['it is gone', (copy) => rm(copy, {recursive: true}), /the copy .*0 is missing/],
    [
      'it is empty',
      async (copy) => Promise.all((await readdir(copy)).map((name) => rm(path.join(copy, name), {recursive: true}))),
      /is empty/,
    ],
    ['a file is missing', (copy) => rm(path.join(copy, 'logs', 'today.txt')), /is incomplete: logs\/today\.txt is missing/],
    ['a file is cut', (copy) => truncate(path.join(copy, 'database'), 3), /is incomplete: database has 3 bytes instead of 9/],
    [
      'a folder is a file',
      (copy) => rm(path.join(copy, 'logs', 'old'), {recursive: true}).then(() => writeFile(path.join(copy, 'logs', 'old'), '')),
      /logs\/old/,
    ],
    ['everything is gone', (_, backup) => rm(backup, {recursive: true}), /no copy .* was finished/],
    ['it was not finished', (_, backup) => rm(path.join(backup, 'whole')), /no copy .* was finished/],
    ['its list is damaged', (_, backup) => writeFile(path.join(backup, 'whole'), '{"format":2'), /damaged/],
  ])('%s', async (_, damage, words) => {
    const {folder, backup} = await copied()
    const now = await content(folder)
    await damage(path.join(backup, '0'), backup)
    await expect(restoreFolders([folder], backup, signal)).rejects.toThrow(words)
    expect(await content(folder)).toEqual(now)
  })

  it('one of two folders: the other one is not touched either', async () => {
    const root = await tempFolder()
    const [one, two, backup] = [path.join(root, 'one'), path.join(root, 'two'), path.join(root, 'backup')]
    await Promise.all([configuration(one), configuration(two)])
    await copyFolders([one, two], backup, signal)
    await migrate(one)
    const now = await content(one)
    await rm(path.join(backup, '1', 'database'))
    await expect(restoreFolders([one, two], backup, signal)).rejects.toThrow(/database is missing/)
    expect(await content(one)).toEqual(now)
  })

  it('is of a folder that was empty, as of a disk that was not mounted: what is there now stays', async () => {
    const root = await tempFolder()
    const [folder, backup] = [path.join(root, 'sonarr'), path.join(root, 'backup')]
    await mkdir(folder)
    await copyFolders([folder], backup, signal)
    expect(await restoreFolders([folder], backup, signal)).toContain(backup)
    await writeFile(path.join(folder, 'database'), 'a whole library')
    await expect(restoreFolders([folder], backup, signal)).rejects.toThrow(/is empty/)
    expect(await content(folder)).toEqual({database: 'a whole library'})
  })
})

describe('a restore that was killed', () => {
  it.each<[string, (folder: string, copy: string) => Promise<unknown>]>([
    ['while it copied', (folder) => mkdir(path.join(folder, '.homelab-back', 'logs'), {recursive: true})],
    [
      'while it moved the new version away',
      async (folder) => {
        await mkdir(path.join(folder, '.homelab-old'))
        await rename(path.join(folder, 'database'), path.join(folder, '.homelab-old', 'database'))
      },
    ],
    [
      'while it moved the old one in',
      async (folder) => {
        await mkdir(path.join(folder, '.homelab-back'))
        await mkdir(path.join(folder, '.homelab-old'))
        await rename(path.join(folder, 'database'), path.join(folder, '.homelab-old', 'database'))
        await writeFile(path.join(folder, 'database'), 'old rows\n')
      },
    ],
    [
      'by a version that renamed the folder itself',
      async (folder, copy) => {
        await rename(folder, `${folder}.homelab-old`)
        execFileSync('cp', ['-a', copy, `${folder}.homelab-back`])
      },
    ],
  ])('%s: the next one brings it to its end', async (_, killed) => {
    const {root, folder, backup, before} = await copied()
    await killed(folder, path.join(backup, '0'))
    await restoreFolders([folder], backup, signal)
    expect(await content(folder)).toEqual(before)
    expect(await readdir(root)).toEqual(['sonarr', 'state'])
  })
})

/** `whole` as commit d55c884 wrote it: the folders, a line each. */
describe('a copy of an older version', () => {
  it('is put back', async () => {
    const {folder, backup, before} = await copied()
    await writeFile(path.join(backup, 'whole'), `${folder}\n`)
    await restoreFolders([folder], backup, signal)
    expect(await content(folder)).toEqual(before)
  })

  it.each<[string, (copy: string) => Promise<unknown>, RegExp]>([
    [
      'is a link: that version copied links',
      async (copy) => (await rm(copy, {recursive: true}), symlink('../sonarr', copy)),
      /is only a link/,
    ],
    ['is gone', (copy) => rm(copy, {recursive: true}), /is missing/],
    ['is empty', async (copy) => (await rm(copy, {recursive: true}), mkdir(copy)), /is empty/],
  ])('%s', async (_, damage, words) => {
    const {folder, backup} = await copied()
    await writeFile(path.join(backup, 'whole'), `${folder}\n`)
    const now = await content(folder)
    await damage(path.join(backup, '0'))
    await expect(restoreFolders([folder], backup, signal)).rejects.toThrow(words)
    expect(await content(folder)).toEqual(now)
  })
})

/** A configuration on a disk of its own, with another one for its cache, that was copied. */
async function mountedCopy(): Promise<{root: string; folder: string; backup: string}> {
  const root = await tempFolder()
  const [folder, backup] = [path.join(root, 'sonarr'), path.join(root, 'backup')]
  const mount = (at: string): void => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at])
    onTestFinished(() => void execFileSync('umount', ['--lazy', at]))
  }
  await mkdir(folder)
  mount(folder)
  await configuration(folder)
  await mkdir(path.join(folder, 'cache'))
  mount(path.join(folder, 'cache'))
  await writeFile(path.join(folder, 'cache', 'index'), 'old')
  await copyFolders([folder], backup, signal)
  return {root, folder, backup}
}
