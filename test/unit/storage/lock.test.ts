import {execFileSync, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdir, readFile, stat, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it, onTestFinished} from 'vitest'
import {holderOf, withLock} from '../../../src/lib/storage/lock.js'
import {itUnless, lacksRoot} from '../../support/scenario/needs.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const options = (wait: number, waited: string[] = []) => ({
  doing: 'homelab stack torrent update',
  wait,
  signal: new AbortController().signal,
  onWait: (holder: string) => waited.push(holder),
  now: () => new Date('2026-11-22T12:00:00Z'),
})

/** A disk without room for another file. */
async function fullDisk(): Promise<string> {
  const folder = await tempFolder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k,nr_inodes=1', 'tmpfs', folder])
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]))
  return folder
}

describe('the lock', () => {
  itUnless(lacksRoot(), 'on a disk without room for its file is the lock of the folder, where that is asked for', async () => {
    const file = path.join(await fullDisk(), 'locks', 'torrent.lock')
    await expect(withLock(file, options(0), async () => 'in')).rejects.toMatchObject({exitCode: 78})
    const anyhow = {...options(0), orFolder: true as const}
    await withLock(file, anyhow, async () => {
      await expect(withLock(file, anyhow, async () => 'in')).rejects.toMatchObject({exitCode: 75})
    })
    expect(await withLock(file, anyhow, async () => 'in')).toBe('in')
  })

  it('keeps a second one out while it is held, and says by whom', async () => {
    const file = path.join(await tempFolder(), 'locks', 'torrent.lock')
    await withLock(file, options(0), async () => {
      expect(await readFile(file, 'utf8')).toContain(`homelab stack torrent update (pid ${process.pid}, since 2026-11-22T12:00:00.000Z)`)
      const second = withLock(file, options(0), async () => 'in')
      await expect(second).rejects.toMatchObject({exitCode: 75, message: expect.stringContaining(`pid ${process.pid}`) as string})
    })
    expect(await withLock(file, options(0), async () => 'in')).toBe('in')
  })

  it.each(['new', 'of an older version'])(
    'can be opened by its owner alone (%s): whoever can read it can hold it for ever',
    async (age) => {
      const folder = path.join(await tempFolder(), 'locks')
      const file = path.join(folder, 'torrent.lock')
      if (age !== 'new') {
        await mkdir(folder, {mode: 0o755})
        await writeFile(file, 'homelab stack torrent up (pid 1, since 2026-11-22T12:00:00.000Z)', {mode: 0o644})
      }
      await withLock(file, options(0), async () => undefined)
      expect([(await stat(folder)).mode & 0o777, (await stat(file)).mode & 0o777]).toEqual([0o700, 0o600])
    },
  )

  it('names no holder that is dead', async () => {
    const file = path.join(await tempFolder(), 'torrent.lock')
    const dead = spawn('true')
    await once(dead, 'exit')
    await writeFile(file, `homelab stack torrent up (pid ${dead.pid}, since 2026-11-22T12:00:00.000Z)`)
    const holder = spawn('flock', [file, 'sleep', '60'], {detached: true})
    onTestFinished(() => void process.kill(-(holder.pid ?? 0), 'SIGKILL'))
    await sleep(300)
    await expect(withLock(file, options(0), async () => 'in')).rejects.toMatchObject({
      exitCode: 75,
      message: `The stack is busy: a process that is not known; homelab stack torrent up (pid ${dead.pid}, since 2026-11-22T12:00:00.000Z) has ended.`,
    })
    expect(await holderOf(file)).toMatch(/^a process that is not known/)
  })

  it('lets a second one in when the first is done, if that one waits', async () => {
    const file = path.join(await tempFolder(), 'torrent.lock')
    const order: string[] = []
    const waited: string[] = []
    const first = withLock(file, options(0), async () => {
      await sleep(300)
      order.push('first')
    })
    await sleep(100)
    await withLock(file, options(5, waited), async () => order.push('second'))
    await first
    expect(order).toEqual(['first', 'second'])
    expect(waited).toHaveLength(1)
  })

  it('is free again when its holder was killed', async () => {
    const file = path.join(await tempFolder(), 'torrent.lock')
    const holder = spawn('flock', [file, 'sleep', '60'], {detached: true})
    await sleep(200)
    await expect(withLock(file, options(0), async () => 'in')).rejects.toMatchObject({exitCode: 75})
    process.kill(-(holder.pid ?? 0), 'SIGKILL')
    expect(await withLock(file, options(5), async () => 'in')).toBe('in')
  })
})
