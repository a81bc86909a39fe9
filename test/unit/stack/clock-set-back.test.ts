import {describe, expect, it} from 'vitest'
import {waitUntilReady} from '../../../src/lib/stack/wait.js'
import {type StepOutcome, silent} from '../../../src/lib/model/plan.js'
import {verdictOf} from '../../../src/lib/update/due.js'
import {updatesPause} from '../../../src/lib/update/pause.js'
import {rateLimiter} from '../../../src/lib/watch/webhook/auth.js'
import {sifter} from '../../../src/lib/watch/update-gatekeeper.js'
import {openJobs} from '../../../src/lib/update/queue/jobs.js'
import {aJob} from '../../support/unit/job.js'
import {MemoryEngine} from '../../support/unit/memory-engine.js'
import {memoryLog} from '../../support/unit/memory-log.js'
import {aWorld} from '../../support/unit/observed.js'
import {torrent} from '../../support/unit/stack.js'
import {tempFolder} from '../../support/unit/temp-folder.js'
import {age} from '../../../src/lib/util/text.js'

const DAY = 86_400_000
const NOW = 1_800_000_000_000

/** Everything beside the cascade that compares a moment with now, after the clock was set back by a day. */
describe('a clock that was set back by a day', () => {
  it('rate limit: an address is not shut out', () => {
    const clock = {now: NOW}
    const limit = rateLimiter(60, () => clock.now)
    expect(limit('a').allowed).toBe(true)
    clock.now -= DAY
    expect(limit('a').allowed).toBe(true)
    clock.now += 2_000
    expect(limit('a').allowed).toBe(true)
  })

  it('a pause of the updates lasts as long as it was to last', async () => {
    const clock = {now: NOW}
    const pause = updatesPause(await tempFolder(), {now: () => new Date(clock.now), log: memoryLog()})
    await pause.pause({since: NOW, until: NOW + 3_600_000})
    clock.now -= DAY
    expect(await pause.read()).toMatchObject({until: NOW - DAY + 3_600_000})
    clock.now += 3_600_000
    expect(await pause.read()).toBeUndefined()
  })

  it('min age: an image whose maker has another clock is as old as its announcement', () => {
    const rules = {policy: 'auto', minAge: 3_600} as never
    const job = aJob('1', {acceptedAt: NOW, imageCreatedAt: NOW + DAY})
    expect(verdictOf(job, {rules, currentTag: '2.15.0', now: NOW + 3_600_000, paused: undefined, rejected: []})).toEqual({due: true})
  })

  it('min age: a job that was accepted before is due after its age, also after a restart', async () => {
    const [clock, folder, log] = [{now: NOW}, await tempFolder(), memoryLog()]
    const jobs = openJobs(folder, {now: () => new Date(clock.now), log})
    await jobs.add([aJob('1', {acceptedAt: NOW, change: {kind: 'digest', digest: 'sha256:new'}})])
    clock.now -= DAY
    const due = async (): Promise<number> => {
      const options = {
        jobs,
        log,
        now: () => clock.now,
        notifier: {post: () => Promise.resolve()},
        pause: {read: () => Promise.resolve(undefined)},
      }
      const sift = sifter({
        ...options,
        stacks: () => Promise.resolve([torrent()]),
        known: new Set(['torrent']),
        rules: () => ({policy: 'auto', minAge: 3_600}) as never,
        rejected: () => Promise.resolve([]),
      })
      return (await sift(await jobs.all())).due.length
    }
    expect(await due()).toBe(0)
    clock.now += 3_600_000
    expect(await due()).toBe(1)
  })

  it('settle window: one without a health check that started before is ready when it has run for so long', async () => {
    const stack = torrent()
    const clock = {now: NOW}
    const engine = new MemoryEngine(stack).load(aWorld(stack, {containers: {watcher: {health: 'none', startedAt: NOW + DAY}}}).observed)
    const outcomes: StepOutcome[] = []
    const step = {action: 'wait', target: 'watcher', reason: 'a test', needs: [], limit: 3, running: 0.2} as const
    const tick = setInterval(() => (clock.now += 50), 50)
    const watch = {reporter: silent, now: () => clock.now, signal: new AbortController().signal}
    await waitUntilReady([step], stack, engine, watch, (outcome) => outcomes.push(outcome))
    clearInterval(tick)
    expect(outcomes.map(({result, message}) => [result, message])).toEqual([['done', 'running; it has no health check']])
  })

  it('a wait ends at its limit, also if the clock is set back in the middle', async () => {
    const stack = torrent()
    const clock = {now: NOW}
    const engine = new MemoryEngine(stack).load(aWorld(stack, {containers: {watcher: {health: 'starting', startedAt: NOW}}}).observed)
    const outcomes: StepOutcome[] = []
    const step = {action: 'wait', target: 'watcher', reason: 'a test', needs: [], limit: 1} as const
    let ticks = 0
    const tick = setInterval(() => {
      clock.now += ++ticks === 5 ? -DAY : 50
      engine.become('watcher', {})
    }, 50)
    const watch = {reporter: silent, now: () => clock.now, signal: AbortSignal.timeout(4_000)}
    await waitUntilReady([step], stack, engine, watch, (outcome) => outcomes.push(outcome))
    clearInterval(tick)
    expect(outcomes.map(({result, message}) => [result, message])).toEqual([['failed', 'watcher is not healthy after 1 s.']])
  })

  it('how long ago is never less than nothing', () => {
    expect(age(-DAY)).toBe('0 seconds')
  })
})
