import {describe, expect, it} from 'vitest'
import type {Finding, Subject} from '../../../src/lib/model/finding.js'
import {healthAlert} from '../../../src/lib/notify/health-alerts.js'
import {hasChanged, healthChanges} from '../../../src/lib/plan/health-changes.js'

const NOW = Date.UTC(2026, 0, 1, 12)
const finding = (is: Finding['is'], says: string, more: Partial<Finding> = {}): Finding => ({is, check: 'probe', says, ...more})
const subject = (name: string, ...findings: Finding[]): Subject => ({area: 'torrent', subject: name, findings})
const well = subject('sonarr', finding('good', 'answers'))
const ill = subject('sonarr', finding('bad', 'no answer'))
const open = subject('sonarr', finding('unknown', 'could not be asked'))
const troubles = (...subjects: Subject[]) => healthChanges([], subjects, NOW - 3_600_000).troubles

describe('what has changed', () => {
  it('is nothing while all stays well, or ill in the same way', () => {
    expect(hasChanged(healthChanges([], [well], NOW))).toBe(false)
    const same = healthChanges(troubles(ill), [subject('sonarr', finding('bad', 'something else'))], NOW)
    expect(hasChanged(same)).toBe(false)
    expect(same.troubles).toMatchObject([{says: 'something else', since: NOW - 3_600_000}])
  })

  it('is bad, worse, recovered', () => {
    expect(healthChanges([], [ill], NOW).begun).toMatchObject([{subject: 'sonarr', is: 'bad', says: 'no answer', since: NOW}])
    expect(healthChanges(troubles(open), [ill], NOW)).toMatchObject({begun: [], worse: [{is: 'bad'}], over: []})
    expect(healthChanges(troubles(ill), [open], NOW)).toMatchObject({begun: [], worse: [], over: []})
    expect(healthChanges(troubles(ill), [well], NOW)).toMatchObject({over: [{subject: 'sonarr'}], troubles: []})
  })

  it('leaves alone what was not looked at', () => {
    const elsewhere: Subject = {area: 'plex', subject: 'plex', findings: [finding('good', 'answers')]}
    const changes = healthChanges(troubles(ill), [elsewhere], NOW)
    expect(hasChanged(changes)).toBe(false)
    expect(changes.troubles).toEqual(troubles(ill))
  })

  it('is not what may be unknown, nor a warning', () => {
    expect(hasChanged(healthChanges([], [subject('time', finding('unknown', '?', {optional: true}), finding('warn', '!'))], NOW))).toBe(
      false,
    )
  })
})

describe('the message', () => {
  const alert = (before: Subject[], now: Subject[]) => healthAlert(healthChanges(troubles(...before), now, NOW), NOW)

  it('tells what is new, what is over, and what is left', () => {
    const other = subject('radarr', finding('bad', 'away'))
    expect(alert([well], [well])).toBeUndefined()
    expect(alert([], [ill])).toMatchObject({
      title: 'Homelab: 1 new problem',
      priority: 4,
      message: expect.stringContaining('- torrent/sonarr: no answer') as string,
    })
    expect(alert([ill], [well])).toMatchObject({
      title: 'Homelab: all is well again',
      message: '- recovered: torrent/sonarr, after 60 minutes',
    })
    expect(alert([ill, other], [well, other])).toMatchObject({title: 'Homelab: something recovered', tags: ['white_check_mark']})
    expect(alert([other], [ill, other])?.message).toContain('Wrong in all: torrent/sonarr, torrent/radarr')
  })
})
