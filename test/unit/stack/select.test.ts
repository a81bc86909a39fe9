import {describe, expect, it} from 'vitest'
import {OperatorError} from '../../../src/lib/util/errors.js'
import {nearest} from '../../../src/lib/util/nearest.js'
import {selectServices, suggestions} from '../../../src/lib/stack/select.js'
import {aStack, torrent} from '../../support/unit/stack.js'

describe('selectServices', () => {
  it('means every active service when none is named', () => {
    expect(selectServices(aStack({plex: {}, debug: {active: false}}), [])).toEqual(['plex'])
  })

  it('takes a service of a profile that is off when it is named, and each only once', () => {
    expect(selectServices(aStack({plex: {}, debug: {active: false}}), ['debug', 'debug'])).toEqual(['debug'])
  })

  it('names every mistyped service at once and does nothing, exit 2', () => {
    try {
      selectServices(torrent(), ['sonar', 'watcher', 'gluten', 'zzzzzzzz'])
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(OperatorError)
      expect(error).toMatchObject({
        exitCode: 2,
        message: 'The stack torrent has no service "sonar", "gluten", "zzzzzzzz". Nothing was done.',
        next: [
          'sonar: did you mean sonarr?',
          'gluten: did you mean gluetun?',
          'Services of torrent: gluetun, qbittorrent, sonarr, watcher',
        ],
      })
    }
  })
})

describe('nearest', () => {
  it('puts the beginning of a word first and far words nowhere', () => {
    expect(nearest('son', ['bazarr', 'sonarr', 'plex'])).toEqual(['sonarr'])
    expect(nearest('sonnar', ['radarr', 'sonarr'])).toEqual(['sonarr'])
  })

  it('suggests the list alone where nothing is near', () => {
    expect(suggestions('xyzzy', ['plex'], 'Stacks')).toEqual(['Stacks: plex'])
    expect(suggestions('ple', ['plex'], 'Stacks')).toEqual(['Did you mean plex?', 'Stacks: plex'])
  })
})
