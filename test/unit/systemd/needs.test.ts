import {describe, expect, it} from 'vitest'
import {secondsOf} from '../../../src/lib/docker/compose/model.js'
import {unitNeeds, withInstalled} from '../../../src/lib/systemd/needs.js'
import {unitText} from '../../../src/lib/systemd/unit.js'
import {aStack} from '../../support/unit/stack.js'

const composeDir = '/opt/homelab/compose'
const configs = '/var/lib/configs'
const stack = (...graces: (number | undefined)[]) =>
  aStack(Object.fromEntries(graces.map((stopGrace, at) => [`s${at}`, stopGrace === undefined ? {} : {stopGrace}])))
const needs = (copied: readonly string[]) => unitNeeds([], {composeDir, configs, copied}).writable

describe('what the unit may write', () => {
  it("is the Compose files' folder and, as one, the folder of the configurations", () => {
    expect(needs([])).toEqual([composeDir])
    expect(needs([`${configs}/sonarr`, `${configs}/radarr`])).toEqual([composeDir, configs])
  })

  it('is each folder elsewhere by itself, none within another, and never all', () => {
    expect(needs(['/srv/books/config', '/srv/books', '/srv/books/', '/var/lib/configs-of-mine/x', '/'])).toEqual([
      composeDir,
      '/srv/books',
      '/var/lib/configs-of-mine/x',
    ])
  })
})

describe('how long a stop may take', () => {
  const seconds = (...graces: (number | undefined)[]) => unitNeeds([stack(...graces)], {composeDir, configs, copied: []}).stopSeconds

  it('is twice the slowest service, and a minute; within limits', () => {
    expect([seconds(undefined), seconds(10), seconds(10, 120), seconds(86_400)]).toEqual([90, 90, 300, 1_200])
  })

  it.each([
    ['10s', 10],
    ['1m30s', 90],
    ['1h0m0.5s', 3600.5],
    ['500ms', 0.5],
  ])('reads %s', (text, expected) => expect(secondsOf(text)).toBeCloseTo(expected))
})

describe('what cannot be read', () => {
  it('keeps what the installed unit has', () => {
    const odd = '/srv/50% "a"\\b'
    const settings = {
      node: '/n',
      program: '/p',
      home: '/h',
      user: 'root',
      state: '/srv/state',
      writable: [composeDir, odd],
      stopSeconds: 300,
    }
    const kept = withInstalled({writable: [composeDir, '/srv/new'], stopSeconds: 90}, unitText(settings))
    expect(kept).toEqual({writable: [composeDir, odd, '/srv/new'].toSorted(), stopSeconds: 300})
    expect(withInstalled({writable: [], stopSeconds: 0}, undefined)).toEqual({writable: [], stopSeconds: 90})
  })
})
