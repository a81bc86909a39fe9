import {describe, expect, it} from 'vitest'
import {palette} from '../../../src/lib/ui/palette.js'
import {updatesJson, updatesText} from '../../../src/lib/ui/updates.js'
import type {ServiceOverview} from '../../../src/lib/model/update.js'

const current: ServiceOverview = {
  ...{stack: 'torrent', service: 'sonarr', image: 'x:1', version: '1.0.0', is: 'current'},
  ...{newer: undefined, reason: undefined, job: undefined},
}
const told = (services: readonly ServiceOverview[], unread: readonly string[] = []) =>
  updatesText(services, {paused: undefined, unread}, palette({colour: false}), 80).join('\n')

describe('what is said of updates', () => {
  it('is ✓ only of services that were looked at, all of them', () => {
    expect(told([current])).toBe('✓ All 1 service run the newest image of their tag.')
    expect(told([])).toBe('No service was created yet, so none has an update.')
    expect(told([], ['plex', 'torrent'])).toBe('? Of plex, torrent nothing is known.')
    expect(told([current], ['plex'])).toBe('1 service runs the newest image of its tag.\n? Of plex nothing is known.')
  })

  it('names in its JSON what could not be read', () => {
    expect(updatesJson([], {paused: undefined, unread: ['plex']})).toEqual({services: [], unread: ['plex']})
    expect(updatesJson([], {paused: undefined})).toEqual({services: []})
  })
})
