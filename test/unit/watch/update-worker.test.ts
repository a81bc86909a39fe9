import {describe, expect, it, onTestFinished} from 'vitest'
import {OperatorError} from '../../../src/lib/util/errors.js'
import type {Job} from '../../../src/lib/model/update.js'
import type {Jobs} from '../../../src/lib/update/queue/jobs.js'
import {createWakeup} from '../../../src/lib/util/wakeup.js'
import {heartbeat} from '../../../src/lib/watch/heartbeat.js'
import {updatesWatcher} from '../../../src/lib/watch/update-worker.js'
import {aJob} from '../../support/unit/job.js'
import {listeningLog} from '../../support/unit/log.js'
import {virtualTime} from '../../support/unit/virtual-time.js'

type Resume = (stack: string, running: readonly Job[] | undefined, jobs: Map<string, Job>) => Promise<void>

/** A watcher that finds jobs which another one had begun, in virtual time. */
function watching(found: readonly Job[], resume: Resume) {
  const time = virtualTime(1_000_000)
  const stopping = new AbortController()
  onTestFinished(() => {
    stopping.abort()
    time.end()
  })
  const queue = new Map(found.map((job) => [job.id, job]))
  const jobs: Jobs = {
    all: () => Promise.resolve([...queue.values()]),
    add: () => Promise.resolve(),
    change: (id, changes) => Promise.resolve(void queue.set(id, {...(queue.get(id) ?? aJob(id)), ...changes})),
    compact: () => Promise.resolve(),
  }
  const {log, lines} = listeningLog()
  const beat = heartbeat('updates', Date.now)
  const worked: string[] = []
  void updatesWatcher({
    jobs,
    notifier: {post: () => Promise.resolve()},
    log,
    beat,
    wakeup: createWakeup(),
    now: Date.now,
    batch: 0,
    resync: 60_000,
    sift: (queued) => Promise.resolve({due: queued, until: undefined}),
    open: () => Promise.resolve([]),
    resume: (stack, running) => resume(stack, running, queue),
    work: async (_, due) => {
      for (const {id} of due) {
        worked.push(id)
        await jobs.change(id, {state: 'done', endedAt: 1, told: true})
      }
      return new Map()
    },
  }).run(stopping.signal)
  return {time, beat, lines, worked, queue}
}

const running = aJob('left', {state: 'running'})

describe('a job that was left in the middle', () => {
  it('does not keep the watcher from looking, and from other stacks; its own stack waits', async () => {
    const {time, beat, worked} = watching([running, aJob('same'), aJob('other', {stack: 'plex'})], () => new Promise(() => undefined))
    await time.pass(1_800_000)
    expect(worked).toEqual(['other'])
    expect(beat.pulse()).toMatchObject({phase: 'updating torrent', trouble: undefined})
    expect(Date.now() - beat.pulse().turnedAt).toBeLessThanOrEqual(60_000)
  })

  it('is tried again when that failed, without those that came to their end, and told by its words', async () => {
    const asked: (readonly string[] | undefined)[] = []
    const {time, lines, worked, queue} = watching([running, aJob('first', {state: 'running'}), aJob('next')], (_, theirs, all) => {
      asked.push(theirs?.map(({id}) => id))
      if (asked.length > 1) return Promise.resolve()
      all.set('first', aJob('first', {state: 'done', told: true}))
      return Promise.reject(new OperatorError('Docker does not answer.', {next: ['Start it']}))
    })
    await time.pass(4_000)
    expect([asked, worked]).toEqual([[['left', 'first']], []])
    await time.pass(60_000)
    expect(asked).toEqual([['left', 'first'], ['left']])
    expect([worked, queue.get('next')?.state]).toEqual([['next'], 'done'])
    expect(lines.filter((line) => line.startsWith('error'))).toEqual(['error: torrent: Docker does not answer. Start it'])
  })
})
