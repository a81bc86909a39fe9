import {describe, expect, it} from 'vitest'
import type {ServiceUpdate, Job} from '../../../../src/lib/model/update.js'
import {jobOutcome, newestOf, outcomeOf, sameChange} from '../../../../src/lib/update/queue/outcome.js'
import {aJob} from '../../../support/unit/job.js'

const update = (is: ServiceUpdate['is'], more: Partial<ServiceUpdate> = {}): ServiceUpdate => ({
  service: 'sonarr',
  is,
  from: {reference: 'sonarr:1', imageId: 'sha256:aaaaaaaaaaaaaaaa', version: '1.0.0'},
  to: {reference: 'sonarr:1', imageId: 'sha256:bbbbbbbbbbbbbbbb', version: '2.0.0'},
  ...more,
})

describe('how a job ended', () => {
  it.each<[ServiceUpdate, string, string]>([
    [update('done'), 'done', '1.0.0 → 2.0.0'],
    [
      update('done', {to: {reference: 'sonarr:1', imageId: 'sha256:bbbbbbbbbbbbbbbb', version: '1.0.0'}}),
      'done',
      'aaaaaaaaaaaa → bbbbbbbbbbbb',
    ],
    [update('current'), 'current', 'already current: 1.0.0'],
    [update('kept', {reason: 'no route.'}), 'failed', 'not updated, 1.0.0 runs on: no route.'],
    [update('rolled-back', {reason: 'ill.'}), 'rolled-back', 'rolled back to 1.0.0: ill.'],
    [update('stranded', {reason: 'ill.'}), 'failed', 'neither the new image nor the old one runs well: ill.'],
  ])('%#', (given, state, summary) => {
    expect(jobOutcome(given)).toEqual({state, summary})
  })

  const untouched = (is: 'current' | 'rejected' | 'stopped') => ({service: 'sonarr', is, reason: ''})

  it('says of what was left alone why', () => {
    const states = (['current', 'rejected', 'stopped'] as const).map((is) => outcomeOf({attempts: 0}, undefined, untouched(is)).state)
    expect(states).toEqual(['current', 'rejected', 'done'])
  })

  it('tells of what a kill kept from being told', () => {
    expect(outcomeOf({attempts: 1}, undefined, untouched('current'))).toMatchObject({state: 'done'})
    expect(outcomeOf({attempts: 1}, update('current'), undefined)).toMatchObject({state: 'done'})
    expect(outcomeOf({attempts: 1}, undefined, untouched('rejected'))).toMatchObject({state: 'rolled-back'})
    expect(outcomeOf({attempts: 1}, update('rolled-back'), undefined)).toEqual(jobOutcome(update('rolled-back')))
  })
})

describe('of several jobs for one service', () => {
  const digest: Job['change'] = {kind: 'digest', digest: undefined}
  const ids = (jobs: readonly Job[]) => {
    const {chosen, superseded} = newestOf(jobs)
    return [chosen.map(({id}) => id), superseded.map(({id}) => id)]
  }

  it('the newest counts, for each service', () => {
    expect(ids([aJob('1', {change: digest}), aJob('2', {service: 'radarr', change: digest}), aJob('3', {change: digest})])).toEqual([
      ['3', '2'],
      ['1'],
    ])
  })

  it('another tag counts before another image under the present one, whichever came last', () => {
    expect(ids([aJob('1'), aJob('2', {change: {kind: 'tag', tag: '3.0.0'}}), aJob('3', {change: digest})])).toEqual([['2'], ['1', '3']])
  })
})

describe('the same wish', () => {
  it.each<[Job['change'], Job['change'], boolean]>([
    [{kind: 'tag', tag: '2'}, {kind: 'tag', tag: '2', digest: 'sha256:a'}, true],
    [{kind: 'tag', tag: '2'}, {kind: 'tag', tag: '3'}, false],
    [{kind: 'tag', tag: '2'}, {kind: 'digest', digest: undefined}, false],
    [{kind: 'digest', digest: 'sha256:a'}, {kind: 'digest', digest: 'sha256:a'}, true],
    [{kind: 'digest', digest: 'sha256:a'}, {kind: 'digest', digest: undefined}, false],
  ])('%j and %j: %s', (one, other, same) => {
    expect([sameChange(one, other), sameChange(other, one)]).toEqual([same, same])
  })
})
