import {describe, expect, it} from 'vitest'
import type {Notification} from '../../../src/lib/model/notification.js'
import type {Job, Policy, Rejected} from '../../../src/lib/model/update.js'
import type {UpdateRules} from '../../../src/lib/update/policy.js'
import {configurationError} from '../../../src/lib/util/errors.js'
import type {JobChanges} from '../../../src/lib/update/queue/log.js'
import {sifter} from '../../../src/lib/watch/update-gatekeeper.js'
import {aJob, aRejected} from '../../support/unit/job.js'
import {memoryLog} from '../../support/unit/memory-log.js'
import {torrent} from '../../support/unit/stack.js'

const NOW = Date.parse('2026-11-23T12:00:00Z')
const rules = (more: Partial<UpdateRules>): UpdateRules => ({policy: 'auto', minAge: 0, window: undefined, ...more}) as UpdateRules
const digest = (text: string): Job['change'] => ({kind: 'digest', digest: text})

function sieve(
  policies: Readonly<Record<string, Policy | Error>> = {},
  more: {rejected?: readonly Rejected[]; paused?: {since: number}} = {},
) {
  const changes: [string, JobChanges][] = []
  const posts: Notification[] = []
  const log = memoryLog()
  const sift = sifter({
    jobs: {
      all: async () => [],
      add: async () => undefined,
      change: async (id, change) => void changes.push([id, change]),
      compact: async () => undefined,
    },
    notifier: {post: async (one) => void posts.push(one)},
    log,
    lost: () => ['torrent/sonar, of updates.services in homelab.yml, counts for nothing'],
    now: () => NOW,
    stacks: async () => [torrent()],
    known: new Set(['torrent', 'torn']),
    rules: (_, service) => {
      const policy = policies[service] ?? 'auto'
      if (policy instanceof Error) throw policy
      return rules({policy})
    },
    pause: {read: async () => more.paused},
    rejected: async () => [...(more.rejected ?? [])],
  })
  return {sift, changes, posts, log}
}

const states = (changes: readonly [string, JobChanges][]) => changes.map(([id, {state}]) => [id, state])

describe('the queue', () => {
  it('lets through what may be done now', async () => {
    const {sift, changes} = sieve({watcher: 'never'})
    const {due} = await sift([aJob('1', {change: digest('a')}), aJob('2', {service: 'watcher', change: digest('b')})])
    expect(due.map(({id}) => id)).toEqual(['1'])
    expect(changes).toEqual([])
  })

  it('keeps what is of a stack whose files cannot be read now, and says so once', async () => {
    const {sift, changes, log} = sieve()
    const job = aJob('1', {stack: 'torn'})
    expect([(await sift([job])).due, (await sift([job])).due]).toEqual([[], []])
    expect(changes).toEqual([])
    expect(log.lines.filter((line) => line.includes('torn'))).toEqual([
      `info torn/${job.service}: held back: the Compose files of torn cannot be read`,
    ])
  })

  it('closes what is of no service any more, and what was rolled back from', async () => {
    const {sift, changes} = sieve({}, {rejected: [aRejected('x', {digest: 'sha256:x'})]})
    const gone = aJob('1', {service: 'gone'})
    expect((await sift([gone, aJob('2', {stack: 'gone'}), aJob('3', {change: digest('sha256:x')})])).due).toEqual([])
    expect(states(changes)).toEqual([
      ['1', 'dropped'],
      ['2', 'dropped'],
      ['3', 'rejected'],
    ])
  })

  it('tells of a rollback that a kill kept from being told', async () => {
    const {sift, changes} = sieve({}, {rejected: [aRejected('x', {digest: 'sha256:x'})]})
    await sift([aJob('1', {change: digest('sha256:x'), attempts: 1})])
    expect(states(changes)).toEqual([['1', 'rolled-back']])
  })

  it('offers once what waits for its operator, also after a restart', async () => {
    const {sift, changes, posts} = sieve({sonarr: 'notify'})
    const job = aJob('1', {change: digest('a')})
    await sift([job])
    await sift([job])
    expect(posts.map(({title}) => title)).toEqual(['Update available for sonarr'])
    expect(changes).toEqual([['1', {offered: true}]])
    const later = sieve({sonarr: 'notify'})
    await later.sift([{...job, offered: true}])
    expect(later.posts).toEqual([])
  })

  it('offers once what its operator has to approve: an older tag, or one that cannot be compared', async () => {
    const {sift, changes, posts} = sieve()
    const job = aJob('1', {change: {kind: 'tag', tag: '0.9'}})
    expect((await sift([job])).due).toEqual([])
    await sift([job])
    expect(posts.map(({title, message}) => [title, message])).toEqual([
      [
        'Update of sonarr needs your approval',
        'torrent/sonarr: needs your approval: 0.9 cannot be compared with 1, and may be older\nIf you mean it: homelab updates apply sonarr',
      ],
    ])
    expect(changes).toEqual([['1', {offered: true}]])
    expect((await sift([{...job, approved: true}])).due.map(({id}) => id)).toEqual(['1'])
  })

  it('tells once, in the log, what of the configuration is about no service', async () => {
    const {sift, log} = sieve()
    await sift([aJob('1', {change: digest('a')})])
    await sift([aJob('1', {change: digest('a')})])
    expect(log.lines.filter((line) => line.includes('torrent/sonar,'))).toHaveLength(1)
  })

  it('keeps the newest only of what waits for a person', async () => {
    const {sift, changes} = sieve({sonarr: 'never'})
    await sift([aJob('1', {change: digest('a')}), aJob('2', {change: digest('b')}), aJob('3', {service: 'watcher', change: digest('c')})])
    expect(states(changes)).toEqual([['1', 'superseded']])
  })

  it('holds one back whose label says nothing that we know, and no other', async () => {
    const {sift, changes} = sieve({sonarr: configurationError('The label homelab.update.policy says "often".', [])})
    const {due} = await sift([aJob('1', {change: digest('a')}), aJob('2', {service: 'watcher', change: digest('b')})])
    expect(due.map(({id}) => id)).toEqual(['2'])
    expect(changes).toEqual([])
  })

  it('holds all back in a pause, but what a person approved', async () => {
    const {sift} = sieve({}, {paused: {since: NOW}})
    const {due} = await sift([aJob('1', {change: digest('a')}), aJob('2', {change: digest('b'), approved: true})])
    expect(due.map(({id}) => id)).toEqual(['2'])
  })
})
