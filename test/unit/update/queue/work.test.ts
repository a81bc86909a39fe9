import {describe, expect, it} from 'vitest'
import type {ServiceUpdate} from '../../../../src/lib/model/update.js'
import type {JobChanges} from '../../../../src/lib/update/queue/log.js'
import {resumeJobs} from '../../../../src/lib/update/queue/work.js'
import {aJob} from '../../../support/unit/job.js'
import {memoryLog} from '../../../support/unit/memory-log.js'

const update = (service: string, is: ServiceUpdate['is']): ServiceUpdate => ({
  service,
  is,
  from: {reference: 'x:1', imageId: 'sha256:a', version: '1'},
  to: {reference: 'x:1', imageId: 'sha256:b', version: '2'},
})

async function resumed(attempts: number, updates: readonly ServiceUpdate[] | undefined) {
  const changes: [string, JobChanges][] = []
  const jobs = {
    all: async () => [],
    add: async () => undefined,
    change: async (id: string, change: JobChanges) => void changes.push([id, change]),
    compact: async () => undefined,
  }
  await resumeJobs([aJob('1', {state: 'running', attempts})], updates, {jobs, log: memoryLog(), now: () => 7})
  return changes
}

describe('a job that was running when its process ended', () => {
  it.each<[ServiceUpdate['is'], JobChanges]>([
    ['done', {state: 'done', summary: '1 → 2', endedAt: 7}],
    ['rolled-back', {state: 'rolled-back', summary: 'rolled back to 1: ', endedAt: 7}],
    ['kept', {state: 'queued'}],
  ])('whose transaction came to %s', async (is, change) => {
    expect(await resumed(1, [update('sonarr', is)])).toEqual([['1', change]])
  })

  it('is queued again where there was no transaction, or it was of another service', async () => {
    expect(await resumed(1, undefined)).toEqual([['1', {state: 'queued'}]])
    expect(await resumed(1, [update('radarr', 'done')])).toEqual([['1', {state: 'queued'}]])
  })

  it('is given up after the fifth interruption', async () => {
    expect(await resumed(5, undefined)).toEqual([['1', {state: 'failed', endedAt: 7, summary: 'not updated: it was interrupted 5 times'}]])
  })
})
