import {readFileSync} from 'node:fs'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {identify} from '../../../../src/lib/update/queue/identify.js'
import {aStack} from '../../../support/unit/stack.js'

const stacks = [
  {...aStack({sonarr: {}, 'cross-seed': {}}, 'torrent'), project: 'homelab-torrent'},
  {...aStack({seerr: {}, tautulli: {}, kitana: {}, seed: {}}, 'services'), project: 'homelab-services'},
]
const containers = new Map([
  ['id1', {project: 'homelab-torrent', service: 'sonarr'}],
  ['id2', {project: 'other', service: 'sonarr'}],
])
const place = (announced: Parameters<typeof identify>[0]) => identify(announced, {stacks, containers})

describe('whom an announcement means', () => {
  it('trusts the id first, then the labels, then the name', () => {
    const labels = {project: 'homelab-services', service: 'seerr'}
    expect(place({containerId: 'id1', name: 'kitana', labels})).toEqual({stack: 'torrent', service: 'sonarr'})
    expect(place({containerId: 'id2', name: 'kitana', labels})).toBe('foreign')
    expect(place({containerId: 'gone', name: 'kitana', labels})).toEqual({stack: 'services', service: 'seerr'})
    expect(place({name: 'kitana', labels: {project: 'other', service: 'seerr'}})).toBe('foreign')
    expect(place({name: 'kitana', labels: {project: 'other'}})).toBe('foreign')
    expect(place({name: 'kitana', labels: {project: 'homelab-services'}})).toEqual({stack: 'services', service: 'kitana'})
  })

  it.each([
    ['homelab-torrent-sonarr-1', 'torrent/sonarr'],
    ['/homelab-torrent-cross-seed-1', 'torrent/cross-seed'],
    ['8b3b3c4de280_homelab-torrent-sonarr-1', 'torrent/sonarr'],
    ['8b3b3c4de280_kitana', 'services/kitana'],
    ['homelab-services-seed-1', 'services/seed'],
    ['kitana', 'services/kitana'],
    ['homelab-torrent-kitana-1', 'unknown'],
    ['nobody', 'unknown'],
  ])('%s is %s', (name, expected) => {
    const found = place({name})
    expect(typeof found === 'string' ? found : `${found.stack}/${found.service}`).toBe(expected)
  })

  it('takes the longest project, and no name that two services have', () => {
    const both = [
      {...aStack({'torrent-sonarr': {}, twin: {}}, 'short'), project: 'homelab'},
      {...aStack({sonarr: {}, twin: {}}, 'long'), project: 'homelab-torrent'},
    ]
    const among = (name: string) => identify({name}, {stacks: both, containers: new Map()})
    expect(among('homelab-torrent-sonarr-1')).toEqual({stack: 'long', service: 'sonarr'})
    expect(among('twin')).toBe('unknown')
  })

  it.each(['simple-digest', 'simple-tag-minor', 'simple-tag-major'])('knows the container of the recorded %s', (file) => {
    const recorded = JSON.parse(readFileSync(new URL(`../../watch/webhook/payloads/${file}.json`, import.meta.url), 'utf8')) as {
      id: string
      name: string
      labels: Record<string, string>
    }
    const labels = {project: recorded.labels['com.docker.compose.project'], service: recorded.labels['com.docker.compose.service']}
    expect(place({containerId: recorded.id, name: recorded.name, labels})).toMatchObject({stack: 'services'})
    expect(place({name: recorded.name})).toMatchObject({stack: 'services'})
  })

  it('finds the service of any name that Compose makes, and never throws', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,12}$/)
    fc.assert(
      fc.property(name, name, (project, service) => {
        const own = {...aStack({[service]: {}}, 'own'), project}
        expect(identify({name: `${project}-${service}-1`}, {stacks: [own], containers: new Map()})).toEqual({stack: 'own', service})
      }),
    )
    fc.assert(fc.property(fc.string(), (text) => void place({name: text})))
  })
})
