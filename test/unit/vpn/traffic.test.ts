import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {lastedText, silenceText} from '../../../src/lib/util/text.js'
import {freshTraffic, isDue, judged, lookedAt, rested, type Asked, type TrafficMemory} from '../../../src/lib/vpn/traffic.js'

const EVERY_S = 5
const ASK_S = 4

/** What a tunnel does in a second: packets sent and received. */
type Second = {readonly sent: number; readonly received: number}
const QUIET: Second = {sent: 0, received: 0}

type Story = {
  readonly questions: readonly number[]
  readonly deadAt: number | undefined
  readonly says: string
  readonly over: number | undefined
}

/**
 * A watch over a tunnel, looked at every five seconds. @param alive Whether something answers at that second; its packets count.
 * @param blind The counters cannot be read.
 */
function watch(seconds: readonly Second[], alive: (second: number) => boolean | 'lossy', blind = false): Story {
  let memory = freshTraffic(0)
  const counters = {sent: 1000, received: 1000}
  const questions: number[] = []
  let deadAt: number | undefined
  let over: number | undefined
  let says = ''
  const look = (second: number): TrafficMemory => lookedAt(memory, {at: second * 1000, counters: blind ? undefined : {...counters}})
  let next = 0
  for (let second = 0; second < seconds.length; second++) {
    counters.sent += seconds[second]!.sent
    counters.received += seconds[second]!.received
    if (second < next) continue
    next = second + EVERY_S
    memory = look(second)
    if (!isDue(memory, second * 1000)) continue
    const answers = alive(second)
    const took = answers === true ? 0 : ASK_S
    for (const later of seconds.slice(second + 1, second + 1 + took)) counters.sent += later.sent
    counters.sent += 3
    if (answers !== false) counters.received += 1
    second += took
    questions.push(second)
    memory = look(second)
    const asked: Asked = answers === true ? 'answered' : 'nothing'
    const done = judged(memory, asked, (second - took) * 1000, second * 1000)
    memory = done.memory
    next = memory.unanswered > 0 ? second + 1 : second + EVERY_S
    if (done.change?.is === 'dead') [deadAt, says] = [deadAt ?? second, silenceText(done.change.lasted, done.change.sent)]
    if (done.change?.is === 'over') over = second
  }
  return {questions, deadAt, says, over}
}

const repeat = (count: number, make: (index: number) => Second): Second[] => Array.from({length: count}, (_, index) => make(index))
/** Packets sent at these seconds, and nothing received before the last second. */
const silentFor = (length: number, ...sentAt: number[]): Second[] =>
  repeat(length + 1, (index) => ({sent: sentAt.includes(index) ? 1 : 0, received: index === length ? 1 : 0}))

describe('an idle, healthy tunnel', () => {
  it.each([
    ['59 s without a received packet, 1 sent', silentFor(59, 12)],
    ['33 s without one, 5 sent', silentFor(33, 3, 9, 14, 21, 28)],
    ['28 s without one, 7 sent', silentFor(28, 1, 5, 8, 12, 17, 21, 26)],
    ['three hours without any traffic', repeat(10_800, () => QUIET)],
  ])('never alarms: measured, %s', (_, seconds) => {
    const twenty = Array.from({length: 20}, () => seconds).flat()
    expect(watch(twenty, () => true).deadAt).toBeUndefined()
    expect(watch(twenty, () => 'lossy').deadAt).toBeUndefined()
    expect(watch(twenty, () => true, true).deadAt).toBeUndefined()
  })

  it('is asked once a minute when there is no traffic, and three times a minute at most', () => {
    expect(
      watch(
        repeat(3_600, () => QUIET),
        () => true,
      ).questions.length,
    ).toBeLessThanOrEqual(60)
    expect(
      watch(
        repeat(3_600, () => ({sent: 1, received: 0})),
        () => true,
      ).questions.length,
    ).toBeLessThanOrEqual(180)
    expect(
      watch(
        repeat(3_600, () => ({sent: 1, received: 1})),
        () => true,
      ).questions,
    ).toEqual([])
  })

  const traffic = fc.array(fc.record({sent: fc.nat(3), received: fc.nat(1)}), {minLength: 60, maxLength: 400})

  it('never alarms as long as anything comes back to a question, whatever the counters say', () => {
    fc.assert(
      fc.property(traffic, fc.boolean(), fc.boolean(), (seconds, lossy, blind) => {
        // Without counters only an answer is a sign of life.
        const alive = lossy && !blind ? ('lossy' as const) : true
        expect(watch(seconds, () => alive, blind).deadAt).toBeUndefined()
      }),
    )
  })
})

describe('a dead server', () => {
  const DEATH = 60
  /** Idle traffic that is answered, and from the death on is not. */
  const dying = (every: number) =>
    repeat(200, (index) => ({sent: index % every === 0 ? 1 : 0, received: index < DEATH && index % every === 0 ? 1 : 0}))

  it.each([1, 2, 3, 5, 6, 8])('is certain within 40 s where a packet is sent every %i s', (every) => {
    const {deadAt, says} = watch(dying(every), (second) => second < DEATH)
    expect((deadAt ?? Infinity) - DEATH).toBeLessThanOrEqual(40)
    expect(says).toMatch(/^nothing has come back through the tunnel for \d\d s, \d+ packets sent$/)
  })

  it('is certain within 75 s where nothing is sent at all, and within 40 s where the counters cannot be read', () => {
    const quiet = repeat(300, () => QUIET)
    for (const death of [61, 70, 90, 119]) {
      expect((watch(quiet, (second) => second < death).deadAt ?? Infinity) - death).toBeLessThanOrEqual(75)
      expect((watch(quiet, (second) => second < death, true).deadAt ?? Infinity) - death).toBeLessThanOrEqual(40)
    }
  })

  it('is told once, and that it is over when something answers', () => {
    const {deadAt, over} = watch(
      repeat(600, () => ({sent: 1, received: 0})),
      (second) => second < 60 || second > 300,
    )
    expect([deadAt !== undefined && deadAt < 100, over !== undefined && over > 300 && over <= 325]).toEqual([true, true])
  })

  it('is not one packet or one question that was lost', () => {
    expect(
      watch(
        repeat(600, () => ({sent: 1, received: 0})),
        (second) => Math.floor(second / 25) % 2 === 0 || second % 2 === 0,
      ).deadAt,
    ).toBeUndefined()
  })
})

describe('what is known', () => {
  it('of another interface begins with it: the counters went down', () => {
    const before = lookedAt(lookedAt(freshTraffic(0), {at: 0, counters: {sent: 90, received: 50}}), {
      at: 5,
      counters: {sent: 95, received: 50},
    })
    expect(lookedAt(before, {at: 10, counters: {sent: 4, received: 0}})).toMatchObject({sent: 9, heardAt: 0})
    expect(lookedAt(before, {at: 10, counters: {sent: 4, received: 2}})).toMatchObject({sent: 0, heardAt: 10})
  })

  it('of a tunnel that was taken down on purpose is nothing; that it was dead before is not forgotten', () => {
    const dead = {since: 7, received: 1, sent: 2}
    expect(rested({...freshTraffic(0, dead), sent: 5, sentAt: 1}, 60_000)).toEqual(freshTraffic(60_000, dead))
    expect(isDue(rested(freshTraffic(0), 60_000), 60_001)).toBe(false)
  })

  it('of a question without an answer is not lost by one that could not be asked, and is by anything that comes back', () => {
    const once = judged(freshTraffic(0), 'nothing', 1, 2).memory
    expect(judged(judged(once, 'unclear', 3, 4).memory, 'nothing', 5, 6).change?.is).toBe('dead')
    const heard = lookedAt({...once, last: {sent: 9, received: 5}}, {at: 3, counters: {sent: 9, received: 6}})
    expect(judged(heard, 'nothing', 5, 6).change).toBeUndefined()
  })

  it('of a question that could not be asked is nothing', () => {
    let memory = freshTraffic(0)
    for (let at = 0; at < 10; at++) {
      const done = judged(memory, 'unclear', at, at)
      expect(done.change).toBeUndefined()
      memory = done.memory
    }
  })
})

it.each([
  [34_000, 12, 'nothing has come back through the tunnel for 34 s, 12 packets sent'],
  [200_000, 1, 'nothing has come back through the tunnel for 3 min 20 s, 1 packet sent'],
  [200_000, undefined, 'nothing has come back through the tunnel for 3 min 20 s'],
])('%i ms and %s packets are in words "%s"', (lasted, sent, words) => {
  expect(silenceText(lasted, sent)).toBe(words)
})

it('long times are hours', () => {
  expect([lastedText(119_000), lastedText(7_500_000)]).toEqual(['119 s', '2 h 5 min'])
})
