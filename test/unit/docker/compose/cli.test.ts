import {describe, expect, it} from 'vitest'
import * as argv from '../../../../src/lib/docker/compose/cli.js'
import {toLine} from '../../../../src/lib/docker/compose/cli.js'
import {parseHashes, onlyServices, toDeclared, withGatewayIds, withoutDependencies, type ComposeModel} from '../../../../src/lib/docker/compose/model.js'

const files = {name: 'torrent', files: ['/h/compose/torrent.yml', '/h/compose/torrent.override.yml']}
const BASE = ['--project-directory', '/h/compose', '--file', '/h/compose/torrent.yml', '--file', '/h/compose/torrent.override.yml', '--profile', '*']

describe('argv', () => {
  const options = {follow: false, lines: undefined, colour: true}

  it('reads the model', () => expect(argv.config(files, '/h/compose')).toEqual([...BASE, 'config', '--format', 'json']))

  it('hashes a model from stdin', () => {
    expect(argv.hashes('/h/compose')).toEqual(['--project-directory', '/h/compose', '--file', '-', '--profile', '*', 'config', '--hash', '*'])
  })

  const NO_PULL = ['--pull', 'never']

  it('makes new containers without a pull, whatever their pull_policy says', () => {
    expect(argv.replace(files, '/h/compose', ['sonarr'])).toEqual([
      ...BASE,
      '--progress',
      'plain',
      'up',
      '--no-start',
      '--no-deps',
      ...NO_PULL,
      '--force-recreate',
      'sonarr',
    ])
  })

  it('creates what is named and nothing else, and pulls nothing', () => {
    expect(argv.up(files, '/h/compose', ['sonarr'], false)).toEqual([...BASE, '--progress', 'plain', 'up', '--detach', '--no-deps', ...NO_PULL, '--no-recreate', 'sonarr'])
    expect(argv.up(files, '/h/compose', ['a', 'b'], true)).toEqual([...BASE, '--progress', 'plain', 'up', '--detach', '--no-deps', ...NO_PULL, '--force-recreate', 'a', 'b'])
  })

  it('reads logs, for people and for machines', () => {
    expect(argv.logs(files, '/h/compose', [], options)).toEqual([...BASE, 'logs'])
    expect(argv.logs(files, '/h/compose', ['sonarr'], {follow: true, lines: 5, colour: false})).toEqual([...BASE, 'logs', '--no-color', '--follow', '--tail', '5', 'sonarr'])
    expect(argv.stampedLogs(files, '/h/compose', ['sonarr'], {...options, lines: 0})).toEqual([...BASE, 'logs', '--no-color', '--tail', '0', '--timestamps', 'sonarr'])
  })

  it('takes a line of a log apart', () => {
    expect(toLine('sonarr-1  | 2026-11-22T20:02:04.072123456Z a | b')).toEqual({service: 'sonarr', time: '2026-11-22T20:02:04.072123456Z', text: 'a | b'})
    expect(toLine('odd')).toEqual({service: '', time: '', text: 'odd'})
  })
})

describe('the Compose model', () => {
  const model: ComposeModel = {
    name: 'homelab-torrent',
    services: {
      gluetun: {image: 'qmcgaw/gluetun:v3', restart: 'unless-stopped', networks: {media: {}, default: null}},
      sonarr: {image: 'sonarr', network_mode: 'service:gluetun', restart: 'no', depends_on: {gluetun: {condition: 'service_healthy'}}, profiles: ['arr']},
      own: {build: {context: '.'}, profiles: ['debug'], network_mode: 'host'},
    },
    networks: {media: {name: 'media_net', external: true}, default: {name: 'homelab-torrent_default'}, other: {external: true}},
    'x-homelab': {networks: {media: {subnet: '172.30.0.0/24'}}},
  }

  it("has the volumes of a service by Docker's name", () => {
    const volumes = [
      {type: 'volume', source: 'config', target: '/config'},
      {type: 'bind', source: '/srv/media', target: '/data'},
      {type: 'volume', target: '/cache'},
    ]
    const stack = toDeclared(files, {name: 'media', services: {plex: {image: 'plex', volumes}}, volumes: {config: {name: 'media_config'}}}, new Set())
    expect(stack.services.get('plex')).toMatchObject({volumes: [{name: 'media_config', target: '/config'}], binds: [{source: '/srv/media', target: '/data'}]})
  })

  it('is reduced to what decisions need', () => {
    const declared = toDeclared(files, model, new Set(['arr']))
    expect(declared).toMatchObject({name: 'torrent', project: 'homelab-torrent', files: files.files})
    expect(declared.services.get('gluetun')).toEqual({name: 'gluetun', image: 'qmcgaw/gluetun:v3', built: false, gateway: undefined, dependsOn: [], active: true, restarts: true, networks: ['media_net'], labels: new Map(), settings: new Map(), published: [], binds: []})
    expect(declared.services.get('sonarr')).toEqual({name: 'sonarr', image: 'sonarr', built: false, gateway: 'gluetun', dependsOn: [{service: 'gluetun', condition: 'service_healthy'}], active: true, restarts: false, networks: [], labels: new Map(), settings: new Map(), published: [], binds: []})
    expect(declared.services.get('own')).toMatchObject({built: true, gateway: undefined, active: false, restarts: false})
    expect(declared.sharedNetworks).toEqual([{name: 'media_net', subnet: '172.30.0.0/24'}, {name: 'other', subnet: undefined}])
  })

  it('knows the networks that are its own', () => {
    expect(toDeclared(files, model, new Set()).ownNetworks).toEqual(['homelab-torrent_default'])
  })

  it('knows who is behind a service by the name of its container', () => {
    const services = {
      gluetun: {container_name: 'vpn'},
      other: {},
      named: {network_mode: 'container:vpn'},
      byDefaultName: {network_mode: 'container:homelab-torrent-other-1'},
      elsewhere: {network_mode: 'container:homelab-torrent-gluetun-1'},
      host: {network_mode: 'host'},
    }
    const declared = toDeclared(files, {...model, services}, new Set()).services
    expect([...declared.values()].map(({name, gateway}) => [name, gateway])).toEqual([
      ['gluetun', undefined],
      ['other', undefined],
      ['named', 'gluetun'],
      ['byDefaultName', 'other'],
      ['elsewhere', undefined],
      ['host', undefined],
    ])
    // Compose hashes the name as it is written (measured, 2.26).
    expect(withGatewayIds({...model, services}, new Map([['gluetun', '4f']])).services?.named).toEqual({network_mode: 'container:vpn'})
  })

  it('leaves out a service that only a pin has', () => {
    const declared = toDeclared(files, onlyServices(model, new Set(['gluetun', 'own', ''])), new Set())
    expect([...declared.services.keys()]).toEqual(['gluetun', 'own'])
  })

  it('has every profile on with "*"', () => expect(toDeclared(files, model, new Set(['*'])).services.get('own')?.active).toBe(true))

  it('is refused without a service, 78', () => {
    expect(() => toDeclared(files, {name: 'x'}, new Set())).toThrow('The stack torrent declares no service.')
  })

  it('names the gateway’s present container, where there is one', () => {
    const mode = (ids: [string, string][]) => withGatewayIds(model, new Map(ids)).services?.sonarr?.network_mode
    expect([mode([['gluetun', '4f2a']]), mode([])]).toEqual(['container:4f2a', 'service:gluetun'])
    expect(withGatewayIds(model, new Map([['gluetun', '4f']])).services?.own?.network_mode).toBe('host')
  })

  it('loses its dependencies for up --no-deps, and nothing else', () => {
    const {sonarr} = withoutDependencies(model).services ?? {}
    expect(sonarr).toEqual({image: 'sonarr', network_mode: 'service:gluetun', restart: 'no', profiles: ['arr']})
  })

  it('reads hashes', () => expect(parseHashes('sonarr 12ab\r\n\ngluetun  34cd\nodd\n')).toEqual(new Map([['sonarr', '12ab'], ['gluetun', '34cd']])))
})
