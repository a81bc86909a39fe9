import {describe, expect, it} from 'vitest'
import type {Job, Rejected} from '../../../../src/lib/model/update.js'
import type {Announcement} from '../../../../src/lib/watch/webhook/payload.js'
import {acceptAll} from '../../../../src/lib/watch/webhook/accept.js'
import {aJob, aRejected} from '../../../support/unit/job.js'
import {memoryLog} from '../../../support/unit/memory-log.js'
import {torrent} from '../../../support/unit/stack.js'

const NEW = `sha256:${'b'.repeat(64)}`
const wud = (name: string, more: Partial<Announcement> = {}): Announcement => ({
  form: 'wud',
  name,
  change: {kind: 'digest', digest: NEW},
  updateAvailable: true,
  ...more,
})

async function accepted(announcements: readonly Announcement[], known: readonly Job[] = [], rejected: readonly Rejected[] = []) {
  const added: Job[] = []
  let [ids, wakes] = [0, 0]
  const answers = await acceptAll(
    announcements.map((announced) => ({announced, origin: 'wud'})),
    {
      jobs: {
        all: async () => [...known],
        add: async (jobs) => void added.push(...jobs),
        change: async () => undefined,
        compact: async () => undefined,
      },
      log: memoryLog(),
      now: () => 5_000,
      newId: () => `j${++ids}`,
      stacks: async () => [torrent()],
      containers: async () => new Map([['id1', {project: 'torrent', service: 'sonarr'}]]),
      rejected: async () => [...rejected],
      wake: () => void wakes++,
    },
  )
  return {answers, added, wakes}
}

describe('announcements', () => {
  it('become jobs, and wake who works on them', async () => {
    const {answers, added, wakes} = await accepted([wud('any', {containerId: 'id1', imageCreatedAt: 99})])
    expect(answers).toEqual([{name: 'any', service: 'torrent/sonarr', status: 'queued', job: 'j1'}])
    expect(added).toEqual([
      {
        id: 'j1',
        stack: 'torrent',
        service: 'sonarr',
        container: 'any',
        change: {kind: 'digest', digest: NEW},
        origin: 'wud',
        acceptedAt: 5_000,
        imageCreatedAt: 99,
        state: 'queued',
        attempts: 0,
      },
    ])
    expect(wakes).toBe(1)
  })

  it('collapse when they say the same, also within one batch', async () => {
    const {answers, added} = await accepted([wud('sonarr'), wud('sonarr'), wud('torrent-sonarr-1')])
    expect(answers.map(({status, job}) => [status, job])).toEqual([
      ['queued', 'j1'],
      ['duplicate', 'j1'],
      ['duplicate', 'j1'],
    ])
    expect(added).toHaveLength(1)
  })

  it('do not collapse with one that runs, or that has ended: what it pulled may be older', async () => {
    const twin = (state: Job['state']) => aJob('old', {change: {kind: 'digest', digest: NEW}, state})
    for (const state of ['running', 'done', 'failed'] as const)
      expect((await accepted([wud('sonarr')], [twin(state)])).answers[0]?.status).toBe('queued')
    expect((await accepted([wud('sonarr')], [twin('queued')])).answers[0]).toMatchObject({status: 'duplicate', job: 'old'})
  })

  it('of what was rolled back are told so, and nothing is queued', async () => {
    const {answers, added, wakes} = await accepted([wud('sonarr')], [], [aRejected('x', {digest: NEW, reason: 'it was ill'})])
    expect(answers[0]).toMatchObject({status: 'rejected', reason: 'it was rolled back from this image on 1970-01-01: it was ill'})
    expect([added, wakes]).toEqual([[], 0])
  })

  it('of another digest than the rejected one are taken', async () => {
    expect((await accepted([wud('sonarr')], [], [aRejected('other')])).answers[0]?.status).toBe('queued')
  })

  it('of containers that are none of ours are ignored; a script that names none is told', async () => {
    const foreign = wud('x', {labels: {project: 'other', service: 'sonarr'}})
    const {answers, added} = await accepted([
      foreign,
      wud('nobody'),
      wud('nobody', {form: 'script'}),
      wud('sonarr', {updateAvailable: false}),
    ])
    expect(answers.map(({status}) => status)).toEqual(['ignored', 'ignored', 'unknown', 'current'])
    expect(added).toEqual([])
  })
})
