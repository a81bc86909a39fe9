import {spawn} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {withLock} from '../../../src/lib/state/lock.js'
import {tempFolder} from '../support/temp-folder.js'

const options = (wait: number, waited: string[] = []) => ({
  doing: 'homelab stack torrent update',
  wait,
  signal: new AbortController().signal,
  onWait: (holder: string) => waited.push(holder),
  now: () => new Date('2026-11-22T12:00:00Z'),
})

describe('the lock', () => {
  it('keeps a second one out while it is held, and says by whom', async () => {
    const file = path.join(await tempFolder(), 'locks', 'torrent.lock')
    await withLock(file, options(0), async () => {
      expect(await readFile(file, 'utf8')).toContain(`homelab stack torrent update (pid ${process.pid}, since 2026-11-22T12:00:00.000Z)`)
      const second = withLock(file, options(0), async () => 'in')
      await expect(second).rejects.toMatchObject({exitCode: 75, message: expect.stringContaining(`pid ${process.pid}`) as string})
    })
    expect(await withLock(file, options(0), async () => 'in')).toBe('in')
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
