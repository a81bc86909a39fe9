import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it, vi} from 'vitest'
import type {Notification} from '../../../src/lib/model/notification.js'
import {pauseAfter} from '../../../src/lib/notify/delivery.js'
import {runCourier, postAndWake} from '../../../src/lib/notify/notifier.js'
import {publish} from '../../../src/lib/notify/ntfy.js'
import {openOutbox} from '../../../src/lib/notify/outbox.js'
import {createWakeup, type Pause} from '../../../src/lib/util/wakeup.js'
import {fakeNtfy, refuse, silence, taken} from '../../support/unit/fake-ntfy.js'
import {memoryLog} from '../../support/unit/memory-log.js'
import {notification} from '../../support/unit/notification.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const message = (text: string) => notification(text, {at: new Date().toISOString()})

async function scene(...replies: Parameters<typeof fakeNtfy>) {
  const folder = await tempFolder()
  const ntfy = await fakeNtfy(...replies)
  const [log, stop, now] = [memoryLog(), new AbortController(), () => new Date()]
  const outbox = openOutbox(path.join(folder, 'outbox'), {log, now})
  const send = (what: Notification, signal: AbortSignal) => publish(ntfy.target, what, signal)
  return {ntfy, stop, parts: {outbox, publish: send, log, now, signal: stop.signal, lockFile: path.join(folder, 'outbox.lock')}}
}

/** Stands for time: keeps what the courier wants to wait, lets nothing wait, and does what a test does in that pause. */
function recordedPauses(...inPause: (() => unknown)[]) {
  const pauses: Pause[] = []
  return {
    pauses,
    next: async (pause: Pause) => {
      pauses.push(pause)
      await inPause.shift()?.()
    },
  }
}

const NETWORK = (mostMs: number) => ({leastMs: 5000, mostMs})
const REST = {leastMs: 0, mostMs: 60_000}

describe('the courier', () => {
  it('delivers what was left, then what is posted, at once', async () => {
    const {ntfy, stop, parts} = await scene()
    const wakeup = createWakeup()
    await parts.outbox.put(message('left'))
    const running = runCourier({...parts, wakeup})
    await vi.waitFor(() => expect(ntfy.messages()).toEqual(['left']))
    await postAndWake(parts, wakeup).post(message('new'))
    await vi.waitFor(() => expect(ntfy.messages()).toEqual(['left', 'new']))
    stop.abort()
    await running
    expect(parts.log.lines).toEqual([])
  })

  it('waits longer with each failure, says so once, and once that it is over', async () => {
    const {ntfy, stop, parts} = await scene(...Array.from({length: 8}, () => refuse(500, 'internal server error')))
    const wakeup = recordedPauses(...Array<() => undefined>(8).fill(() => undefined), () => stop.abort())
    await parts.outbox.put(message('a'))
    await runCourier({...parts, wakeup})
    expect(wakeup.pauses).toEqual([...[5, 10, 20, 40, 80, 160, 300, 300].map((seconds) => NETWORK(seconds * 1000)), REST])
    expect(parts.log.lines).toEqual([
      `warn Notifications cannot be delivered: ${ntfy.host} answered 500 (internal server error). They are kept and sent as soon as it works.`,
      'info Notifications are delivered again.',
    ])
  })

  it('waits as long as the server asks, and goes on where it was', async () => {
    const {ntfy, stop, parts} = await scene(taken, refuse(429, 'limit reached', {'Retry-After': '42'}))
    const wakeup = recordedPauses(
      () => undefined,
      () => stop.abort(),
    )
    for (const text of ['a', 'b']) await parts.outbox.put(message(text))
    await runCourier({...parts, wakeup})
    expect(wakeup.pauses).toEqual([{leastMs: 42_000, mostMs: 42_000}, REST])
    expect(ntfy.messages()).toEqual(['a', 'b', 'b'])
  })

  it('tells how to mend what is refused, also when the network failed before', async () => {
    const {ntfy, stop, parts} = await scene(refuse(502, 'bad gateway'), refuse(401, 'unauthorized'), refuse(401, 'unauthorized'))
    const wakeup = recordedPauses(
      () => undefined,
      () => undefined,
      () => stop.abort(),
    )
    await parts.outbox.put(message('a'))
    await runCourier({...parts, wakeup})
    expect(wakeup.pauses.slice(1)).toEqual(Array(2).fill({leastMs: 300_000, mostMs: 300_000}))
    expect(parts.log.lines.slice(1)).toEqual([
      `warn Notifications cannot be delivered: ${ntfy.host} answered 401 (unauthorized). ` +
        'They are kept; check NTFY_URL, NTFY_TOPIC and NTFY_TOKEN in compose/.env.',
    ])
  })

  it('outlives a disk that fails', async () => {
    const {stop, parts} = await scene()
    const list = () => Promise.reject(new Error('EIO: i/o error'))
    await runCourier({...parts, outbox: {...parts.outbox, list}, wakeup: recordedPauses(() => stop.abort())})
    expect(parts.log.lines).toEqual([expect.stringContaining('cannot be delivered: EIO: i/o error. They')])
  })

  it('ends at once when the signal fires, in the middle of an attempt or of a pause', async () => {
    for (const reply of [silence, taken]) {
      const {ntfy, stop, parts} = await scene(reply)
      await parts.outbox.put(message('a'))
      const running = runCourier({...parts, wakeup: createWakeup()})
      await vi.waitFor(() => expect(ntfy.received).toHaveLength(1))
      await sleep(50)
      stop.abort()
      const began = performance.now()
      await running
      expect(performance.now() - began).toBeLessThan(1000)
      expect(parts.log.lines).toEqual([])
    }
  })
})

describe('the wake-up', () => {
  const never = new AbortController().signal
  const taking = async (work: Promise<void>) => {
    const began = performance.now()
    await work
    return performance.now() - began
  }

  it('ends a pause, but not before the least of it', async () => {
    const wakeup = createWakeup()
    setTimeout(wakeup.wake, 20)
    expect(await taking(wakeup.next({leastMs: 0, mostMs: 10_000}, never))).toBeLessThan(1000)
    setTimeout(wakeup.wake, 20)
    expect(await taking(wakeup.next({leastMs: 200, mostMs: 10_000}, never))).toBeGreaterThan(190)
  })

  it('is not lost if nobody waits, and counts once', async () => {
    const wakeup = createWakeup()
    wakeup.wake()
    wakeup.wake()
    expect(await taking(wakeup.next({leastMs: 0, mostMs: 10_000}, never))).toBeLessThan(1000)
    expect(await taking(wakeup.next({leastMs: 0, mostMs: 100}, never))).toBeGreaterThan(90)
  })
})

describe('the pause after a failure', () => {
  it('is never shorter than the backoff, nor longer than an hour', () => {
    const asked = (afterMs: number, inARow = 1) => pauseAfter({is: 'retry', why: '', afterMs}, inARow).mostMs
    expect([asked(0), asked(60_000), asked(86_400_000), asked(1000, 50)]).toEqual([5000, 60_000, 3_600_000, 300_000])
    expect(pauseAfter({is: 'retry', why: ''}, 5000)).toEqual(NETWORK(300_000))
  })
})
