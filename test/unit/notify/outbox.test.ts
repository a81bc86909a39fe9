import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdir, readdir, readFile, stat, utimes, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {openOutbox} from '../../../src/lib/notify/outbox.js'
import {bundled} from '../../support/unit/bundled.js'
import {memoryLog} from '../../support/unit/memory-log.js'
import {NOON, notification} from '../../support/unit/notification.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const DAY = 86_400_000

async function outboxAt(now: () => Date = () => NOON) {
  const folder = path.join(await tempFolder(), 'state', 'outbox')
  const log = memoryLog()
  const outbox = openOutbox(folder, {log, now})
  return {folder, log, outbox, messages: async () => (await outbox.list()).map((entry) => entry.notification.message)}
}

const PUTTER = bundled(path.join(import.meta.dirname, '../../support/unit/put-forever.ts'))

describe('the outbox', () => {
  it('gives back what was put, oldest first, and is empty before anything was', async () => {
    const {outbox, messages, log} = await outboxAt()
    expect(await outbox.list()).toEqual([])
    const first = notification('first 🎬', {priority: 5, tags: []})
    for (const each of [first, notification('second'), notification('third')]) await outbox.put(each)
    expect((await outbox.list())[0]?.notification).toEqual(first)
    await outbox.remove((await outbox.list())[1]!)
    expect(await messages()).toEqual(['first 🎬', 'third'])
    expect(log.lines).toEqual([])
  })

  it('keeps the order when the clock is set back', async () => {
    const times = [NOON, new Date(NOON.getTime() - DAY), NOON]
    const {outbox, messages} = await outboxAt(() => times.shift() ?? NOON)
    for (const text of ['a', 'b', 'c']) await outbox.put(notification(text))
    expect(await messages()).toEqual(['a', 'b', 'c'])
  })

  it('is for its owner alone', async () => {
    const {folder, outbox} = await outboxAt()
    await outbox.put(notification('a'))
    const [file] = await readdir(folder)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect((await stat(path.join(folder, file!))).mode & 0o777).toBe(0o600)
  })

  it('drops the oldest beyond 500, and says so', async () => {
    const {folder, log, outbox, messages} = await outboxAt()
    await mkdir(folder, {recursive: true})
    const names = Array.from({length: 500}, (_, index) => `20261123T110000.000Z-${String(index).padStart(6, '0')}-00000000.json`)
    await Promise.all(names.map((name, index) => writeFile(path.join(folder, name), JSON.stringify(notification(String(index))))))
    await outbox.put(notification('new'))
    const kept = await messages()
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([500, '1', 'new'])
    expect(log.lines).toEqual(['warn More than 500 notifications wait to be delivered: the oldest one was dropped.'])
  })

  it('drops what is older than 7 days, and says so', async () => {
    const {log, outbox, messages} = await outboxAt()
    await outbox.put(notification('old', {at: new Date(NOON.getTime() - 7 * DAY - 1).toISOString()}))
    await outbox.put(notification('not yet', {at: new Date(NOON.getTime() - 7 * DAY).toISOString()}))
    expect(await messages()).toEqual(['not yet'])
    expect(await messages()).toEqual(['not yet'])
    expect(log.lines).toEqual([expect.stringContaining('7 days and was dropped: "torrent: brought back", 2026-11-16T11:59:59.999Z.')])
  })

  it('removes damaged files and leaves strange ones alone, with a line each', async () => {
    const {folder, log, outbox, messages} = await outboxAt()
    await outbox.put(notification('good'))
    const [name] = await readdir(folder)
    const whole = await readFile(path.join(folder, name!), 'utf8')
    const damaged = [
      '',
      whole.slice(0, -5),
      'null',
      '[]',
      '"text"',
      whole.replace('"priority":3', '"priority":9'),
      whole.replace('2026', 'x'),
    ]
    for (const [index, text] of damaged.entries())
      await writeFile(path.join(folder, `20261123T110000.000Z-00000${index}-00000000.json`), text)
    await writeFile(path.join(folder, 'notes.txt'), 'mine')
    await mkdir(path.join(folder, '20261123T110000.000Z-000009-00000000.json'))
    expect(await messages()).toEqual(['good'])
    expect(await messages()).toEqual(['good'])
    expect(log.lines.filter((line) => line.includes('was damaged'))).toHaveLength(damaged.length)
    expect(log.lines.filter((line) => line.includes('left alone'))).toHaveLength(2)
    expect(log.lines).toHaveLength(damaged.length + 2)
    expect(await readdir(folder)).toHaveLength(3)
  })

  it('clears away what a killed process left, when nobody can be writing it any more', async () => {
    const {folder, log, outbox} = await outboxAt()
    await mkdir(folder, {recursive: true})
    const [dead, alive] = ['.a.json.0123456789ab.tmp', '.b.json.0123456789ab.tmp'].map((name) => path.join(folder, name))
    for (const [file, hours] of [
      [dead!, 2],
      [alive!, 0.5],
    ] as const) {
      await writeFile(file, '{')
      const time = new Date(NOON.getTime() - hours * 3_600_000)
      await utimes(file, time, time)
    }
    expect(await outbox.list()).toEqual([])
    expect(await readdir(folder)).toEqual([path.basename(alive!)])
    expect(log.lines).toEqual([`warn ${dead!} was removed: homelab was killed while it wrote it.`])
  })

  it('holds whole messages only, and all that it promised, after its process was killed', {timeout: 60_000}, async () => {
    for (const puts of [1, 30, 90]) {
      const {folder, log, outbox} = await outboxAt(() => new Date())
      const child = spawn(process.execPath, [PUTTER, folder], {stdio: ['ignore', 'pipe', 'inherit']})
      let output = ''
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        if (output.split('\n').length > puts) child.kill('SIGKILL')
      })
      const [, signal] = (await once(child, 'close')) as [number | null, string | null]
      expect(signal).toBe('SIGKILL')
      const messages = (await outbox.list()).map((entry) => entry.notification.message)
      expect(log.lines).toEqual([])
      expect(messages.every((message) => message.length === 20_000)).toBe(true)
      const promised = output.split('\n').slice(0, -1)
      expect(promised.length).toBeGreaterThanOrEqual(puts)
      expect(messages.map((message) => message.split(' ')[0])).toEqual(expect.arrayContaining(promised))
    }
  })
})
