import {spawn} from 'node:child_process'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import type {Notification} from '../../../src/lib/model/notification.js'
import {deliverAll} from '../../../src/lib/notify/delivery.js'
import {publish} from '../../../src/lib/notify/ntfy.js'
import {openOutbox} from '../../../src/lib/notify/outbox.js'
import {postAndFlush, postAndWake, type Mail} from '../../../src/lib/notify/notifier.js'
import {fakeNtfy, refuse, silence, taken} from '../../support/unit/fake-ntfy.js'
import {memoryLog} from '../../support/unit/memory-log.js'
import {NOON, notification} from '../../support/unit/notification.js'
import {tempFolder} from '../../support/unit/temp-folder.js'
import {writeFile} from 'node:fs/promises'

async function scene(...replies: Parameters<typeof fakeNtfy>) {
  const folder = await tempFolder()
  const ntfy = await fakeNtfy(...replies)
  const log = memoryLog()
  const now = () => NOON
  const outbox = openOutbox(path.join(folder, 'outbox'), {log, now})
  const send = (what: Notification, signal: AbortSignal) => publish(ntfy.target, what, signal)
  const delivery = {lockFile: path.join(folder, 'outbox.lock'), now, signal: new AbortController().signal}
  const put = async (...messages: string[]) => {
    for (const message of messages) await outbox.put(notification(message))
  }
  const left = async () => (await outbox.list()).map((entry) => entry.notification.message)
  return {folder, ntfy, log, outbox, send, delivery, put, left}
}

describe('delivering', () => {
  it('sends everything, oldest first, and leaves nothing', async () => {
    const {ntfy, outbox, send, delivery, put, left} = await scene()
    await put('a', 'b', 'c')
    expect(await deliverAll(outbox, send, delivery)).toEqual({delivered: 3, left: 0})
    expect(ntfy.messages()).toEqual(['a', 'b', 'c'])
    expect(await left()).toEqual([])
    expect(await deliverAll(outbox, send, delivery)).toEqual({delivered: 0, left: 0})
  })

  it('stops at the first failure and keeps what was not delivered', async () => {
    const {ntfy, outbox, send, delivery, put, left} = await scene(taken, refuse(429, 'limit reached', {'Retry-After': '9'}))
    await put('a', 'b', 'c')
    expect(await deliverAll(outbox, send, delivery)).toMatchObject({delivered: 1, left: 2, failure: {is: 'retry', afterMs: 9000}})
    expect(await left()).toEqual(['b', 'c'])
    await deliverAll(outbox, send, delivery)
    expect(ntfy.messages()).toEqual(['a', 'b', 'b', 'c'])
  })

  it('sends nothing twice when several deliver at once', async () => {
    const {folder, ntfy, log, outbox, send, delivery, put} = await scene()
    const texts = Array.from({length: 20}, (_, index) => String(index))
    await put(...texts)
    const other = openOutbox(path.join(folder, 'outbox'), {log, now: delivery.now})
    const done = await Promise.all([outbox, other, outbox].map((each) => deliverAll(each, send, delivery)))
    expect(ntfy.messages()).toEqual(texts)
    expect(done.reduce((sum, {delivered}) => sum + delivered, 0)).toBe(20)
  })

  it('takes along what is put while it delivers', async () => {
    const {ntfy, outbox, send, delivery, put} = await scene((response, received) => void put('late').then(() => taken(response, received)))
    await put('a')
    expect(await deliverAll(outbox, send, delivery)).toEqual({delivered: 2, left: 0})
    expect(ntfy.messages()).toEqual(['a', 'late'])
  })

  it('leaves it to another process that is at it for long', {timeout: 15_000}, async () => {
    const {ntfy, outbox, send, delivery, put} = await scene()
    await put('a')
    const holder = spawn('flock', [delivery.lockFile, 'sleep', '60'], {detached: true})
    await sleep(200)
    expect(await deliverAll(outbox, send, delivery)).toEqual({delivered: 0, left: 1})
    process.kill(-holder.pid!, 'SIGKILL')
    expect(ntfy.received).toEqual([])
  })

  it('ends when the signal fires, and keeps the message', async () => {
    const {outbox, send, delivery, put, left} = await scene(silence)
    const stop = new AbortController()
    await put('a', 'b')
    setTimeout(() => stop.abort(), 300)
    expect(await deliverAll(outbox, send, {...delivery, signal: stop.signal})).toMatchObject({delivered: 0, left: 2})
    expect(await deliverAll(outbox, send, {...delivery, signal: stop.signal})).toEqual({delivered: 0, left: 2})
    expect(await left()).toEqual(['a', 'b'])
  })

  it('says at the end of a late message when it happened', async () => {
    const {ntfy, outbox, send, delivery} = await scene()
    for (const [message, at] of [
      ['late', '2026-11-23T02:13:05.000Z'],
      ['x'.repeat(5000), '2026-11-23T11:57:59.999Z'],
      ['in time', '2026-11-23T11:58:00.000Z'],
    ] as const) {
      await outbox.put(notification(message, {at}))
    }
    await deliverAll(outbox, send, delivery)
    const [late, long, inTime] = ntfy.messages() as string[]
    expect(late).toBe('late\n(delayed: happened at 2026-11-23 02:13 UTC)')
    expect(long).toMatch(/^x+…\n\(delayed: happened at 2026-11-23 11:57 UTC\)$/)
    expect(Buffer.byteLength(long!)).toBeLessThanOrEqual(4095)
    expect(inTime).toBe('in time')
  })
})

const postAndEnd = async (mail: Mail, message: Notification): Promise<void> => {
  await mail.post(message)
  await mail.flush()
}

describe('a command that posts', () => {
  it('delivers at its end, with what was left from before', async () => {
    const {ntfy, outbox, send, log, delivery, put} = await scene()
    await put('before')
    await postAndEnd(postAndFlush({outbox, publish: send, log, ...delivery}), notification('now'))
    expect(ntfy.messages()).toEqual(['before', 'now'])
    expect(log.lines).toEqual([])
  })

  it('does not fail when delivery does; the message stays', async () => {
    const {ntfy, outbox, send, log, delivery, left} = await scene(refuse(401, 'unauthorized'), silence)
    await postAndEnd(postAndFlush({outbox, publish: send, log, ...delivery}), notification('a'))
    await postAndEnd(postAndFlush({outbox, publish: send, log, ...delivery}, 500), notification('b'))
    expect(await left()).toEqual(['a', 'b'])
    expect(log.lines).toEqual(
      ['answered 401 (unauthorized)', 'had not answered yet'].map(
        (why) => `warn The notification could not be sent yet: ${ntfy.host} ${why}. It is kept, and sent with the next one.`,
      ),
    )
  })

  it('does not fail when the lock cannot be opened', async () => {
    const {folder, outbox, send, log, delivery, left} = await scene()
    await writeFile(path.join(folder, 'file'), '')
    await postAndEnd(
      postAndFlush({outbox, publish: send, log, ...delivery, lockFile: path.join(folder, 'file', 'lock')}),
      notification('a'),
    )
    expect(await left()).toEqual(['a'])
    expect(log.lines).toEqual([expect.stringContaining('could not be sent yet: The lock')])
  })

  it('sends without the outbox what cannot be kept', async () => {
    const {folder, ntfy, send, log, delivery} = await scene(taken, refuse(500, 'no'))
    await writeFile(path.join(folder, 'file'), '')
    const outbox = openOutbox(path.join(folder, 'file', 'outbox'), {log, now: delivery.now})
    const woken: string[] = []
    await postAndEnd(postAndFlush({outbox, publish: send, log, ...delivery}), notification('a'))
    await postAndWake({outbox, publish: send, log, signal: delivery.signal}, {wake: () => woken.push('woken')}).post(notification('b'))
    expect(ntfy.messages()).toEqual(['a', 'b'])
    expect(woken).toEqual([])
    expect(log.lines).toEqual([
      expect.stringMatching(/^error .*could not be kept: E.*It was sent all the same\.$/),
      expect.stringMatching(/^error .*could not be kept: E.*and is lost: .* answered 500 \(no\)\.$/),
    ])
  })
})
