import {describe, expect, it} from 'vitest'
import {POLICIES, type Job, type Policy} from '../../../src/lib/model/update.js'
import type {UpdateRules} from '../../../src/lib/update/policy.js'
import {verdictOf} from '../../../src/lib/update/due.js'
import {aJob} from '../../support/unit/job.js'

const NOW = Date.parse('2026-11-23T12:00:00Z')
const RULES: UpdateRules = {
  policy: 'auto',
  window: undefined,
  minAge: 0,
  gate: {running: 10, healthyFor: 15},
  probe: undefined,
  probeTimeout: 30,
  backup: false,
  backupPaths: [],
  before: [],
  after: [],
  hookTimeout: 60,
}
const context = (rules: Partial<UpdateRules> = {}, more = {}) => ({
  rules: {...RULES, ...rules},
  currentTag: '2.14.0',
  now: NOW,
  paused: undefined,
  rejected: [],
  ...more,
})
const tag = (to: string): Job['change'] => ({kind: 'tag', tag: to})
const digest: Job['change'] = {kind: 'digest', digest: 'sha256:new'}
const job = (more: Partial<Job> = {}) => aJob('a job', {acceptedAt: NOW, change: digest, ...more})

describe('whether an update is due', () => {
  it.each<[Policy, string, boolean[]]>([
    // digest, patch, minor, major, a tag that is no version
    ['auto', 'all that is newer', [true, true, true, true, false]],
    ['minor', 'no major', [true, true, true, false, false]],
    ['patch', 'only patches', [true, true, false, false, false]],
    ['digest', 'only the same tag', [true, false, false, false, false]],
    ['notify', 'none', [false, false, false, false, false]],
    ['never', 'none', [false, false, false, false, false]],
  ])('policy %s: %s', (policy, _, expected) => {
    const changes = [digest, tag('2.14.1'), tag('2.15.1'), tag('3.0.0'), tag('nightly')]
    expect(changes.map((change) => verdictOf(job({change}), context({policy})).due)).toEqual(expected)
  })

  it('says why, and until when', () => {
    const paused = {since: NOW - 1000, until: NOW + 5000}
    const old = {
      stack: 'torrent',
      service: 'sonarr',
      reference: 'x:1',
      digest: 'sha256:new',
      imageId: 'sha256:i',
      at: NOW,
      reason: 'it was ill',
    }
    expect(verdictOf(job({change: tag('3.0.0')}), context({policy: 'minor'}))).toEqual({
      due: false,
      hold: 'policy',
      reason: 'policy "minor": 2.14.0 → 3.0.0 is a major version',
    })
    expect(verdictOf(job(), context({}, {paused}))).toMatchObject({hold: 'paused', until: NOW + 5000})
    expect(verdictOf(job(), context({minAge: 60}))).toMatchObject({hold: 'age', until: NOW + 60_000})
    expect(verdictOf(job({imageCreatedAt: NOW - 61_000}), context({minAge: 60}))).toEqual({due: true})
    expect(verdictOf(job(), context({window: {from: '13:00', to: '14:00', timezone: 'UTC'}}))).toMatchObject({
      hold: 'window',
      reason: 'the window 13:00–14:00 opens at 2026-11-23 13:00 UTC',
      until: NOW + 3_600_000,
    })
    expect(verdictOf(job(), context({window: {from: '02:00', to: '04:00', timezone: 'Europe/Berlin'}}))).toMatchObject({
      reason: 'the window 02:00–04:00 opens at 2026-11-24 02:00 Europe/Berlin',
    })
    expect(verdictOf(job({stack: 'torrent', service: 'sonarr'}), context({}, {rejected: [old]}))).toMatchObject({hold: 'rejected'})
  })

  it('names the first of several reasons', () => {
    const paused = {since: NOW}
    const window = {from: '13:00', to: '14:00', timezone: 'UTC'}
    const all = {policy: 'patch' as const, minAge: 60, window}
    const hold = (...given: Parameters<typeof context>) => {
      const verdict = verdictOf(job({change: tag('3.0.0')}), context(...given))
      return verdict.due ? 'due' : verdict.hold
    }
    expect(hold(all, {paused})).toBe('policy')
    expect(hold({...all, policy: 'auto'}, {paused})).toBe('paused')
    expect(hold({...all, policy: 'auto'})).toBe('age')
    expect(hold({window})).toBe('window')
  })

  it('is what a person approved, unless it was rolled back', () => {
    const approved = job({approved: true, change: tag('3.0.0'), stack: 'torrent', service: 'sonarr'})
    expect(verdictOf(approved, context({policy: 'never', window: {from: '13:00', to: '14:00'}}))).toEqual({due: true})
    const rejected = [{stack: 'torrent', service: 'sonarr', reference: 'x:3.0.0', digest: undefined, imageId: '', at: NOW, reason: ''}]
    expect(verdictOf(approved, context({}, {rejected}))).toMatchObject({due: false, hold: 'rejected'})
  })

  it.each<[string, string | undefined, string]>([
    ['an older version', '2.14.0', '2.13.9'],
    ['an older version of another form', '1.0.0', '0.9'],
    ['a version instead of a tag that is none', 'latest', '0.9'],
    ['a tag that is no version', '2.14.0', 'nightly'],
    ['a version without a tag before', undefined, '2.15.0'],
    ['the same version', '2.14.0', '2.14.0'],
    ['a first pre-release', '2.14.0', '2.15.0-rc1'],
  ])('is not %s, whatever the policy: its operator approves it', (_, currentTag, to) => {
    for (const policy of POLICIES) {
      const change = tag(to)
      expect(verdictOf(job({change}), context({policy}, {currentTag})).due).toBe(false)
      expect(verdictOf(job({change, approved: true}), context({policy}, {currentTag}))).toEqual({due: true})
    }
    expect(verdictOf(job({change: tag(to)}), context({}, {currentTag}))).toMatchObject({hold: 'approval'})
  })

  it('says why it waits for its operator', () => {
    const why = (currentTag: string, to: string) => verdictOf(job({change: tag(to)}), context({}, {currentTag}))
    expect(why('2.14.0', '2.13.9')).toMatchObject({reason: 'needs your approval: 2.13.9 is older than 2.14.0'})
    expect(why('latest', '0.9')).toMatchObject({reason: 'needs your approval: 0.9 cannot be compared with latest, and may be older'})
  })

  it('is, with policy "auto" and no other, a newer pre-release of who runs one', () => {
    const due = (policy: Policy) => verdictOf(job({change: tag('1.2.4-beta')}), context({policy}, {currentTag: '1.2.3-beta'})).due
    expect(POLICIES.filter(due)).toEqual(['auto'])
  })
})
