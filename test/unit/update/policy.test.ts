import {describe, expect, it} from 'vitest'
import {DEFAULTS} from '../../../src/lib/config/load.js'
import {lostEntries, rulesFor} from '../../../src/lib/update/policy.js'
import {torrent} from '../../support/unit/stack.js'

const {updates} = DEFAULTS

describe('the rules of a service', () => {
  it('are the entry of the configuration, else its labels, else what holds for all', () => {
    const labels = new Map([
      ['homelab.update.policy', 'patch'],
      ['homelab.update.min-age', '3600'],
      ['homelab.update.backup', 'true'],
    ])
    const settings = {...updates, services: {'torrent/sonarr': {policy: 'digest' as const, gate: {running: 3}}}}
    expect(rulesFor(updates, 'torrent', 'sonarr', new Map())).toMatchObject({
      policy: 'auto',
      minAge: 0,
      backup: false,
      backupPaths: ['/config'],
    })
    expect(rulesFor(updates, 'torrent', 'sonarr', labels)).toMatchObject({policy: 'patch', minAge: 3600, backup: true})
    expect(rulesFor(settings, 'torrent', 'sonarr', labels)).toMatchObject({
      policy: 'digest',
      minAge: 3600,
      gate: {running: 3, healthyFor: 15},
    })
  })

  it.each([
    ['policy', 'Auto'],
    ['min-age', '3d'],
    ['min-age', '-1'],
    ['backup', 'yes'],
    ['probe', 'ftp://sonarr'],
    ['probe', 'http://['],
    ['probe', ''],
  ])('refuse homelab.update.%s: %j, 78, and say what it may be', (name, value) => {
    const wrong = (): unknown => rulesFor(updates, 'torrent', 'sonarr', new Map([[`homelab.update.${name}`, value]]))
    expect(wrong).toThrow(expect.objectContaining({exitCode: 78, next: [expect.stringContaining('It may say: ') as string]}))
  })

  it('refuse a label that says nothing we know, 78', () => {
    const wrong = (): unknown => rulesFor(updates, 'torrent', 'sonarr', new Map([['homelab.update.policy', 'sometimes']]))
    expect(wrong).toThrow('The label homelab.update.policy of torrent/sonarr says "sometimes".')
  })
})

describe('an entry that is about no service', () => {
  const lost = (entry: string, names = ['torrent', 'plex']) =>
    lostEntries({...updates, services: {[entry]: {policy: 'never' as const}}}, [torrent()], names)

  it('is told, with what it probably means: a typo loses its "never"', () => {
    expect(lost('torrent/sonar')).toEqual([
      {
        entry: 'torrent/sonar',
        says: 'torrent/sonar, of updates.services in homelab.yml, counts for nothing: the stack torrent has no such service',
        hint: 'Did you mean torrent/sonarr?',
      },
    ])
    expect(lost('torent/sonarr')).toMatchObject([{says: expect.stringContaining('there is no stack torent') as string}])
    expect(lost('torrent/sonarr')).toEqual([])
  })

  it('is not known of a stack that could not be read', () => {
    expect(lost('plex/nosuch')).toEqual([])
    expect(lost('plex/nosuch', ['torrent'])).toHaveLength(1)
  })
})
