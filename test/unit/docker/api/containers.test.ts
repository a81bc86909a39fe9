import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import type {ContainerInspectInfo} from 'dockerode'
import {describe, expect, it} from 'vitest'
import {toObserved} from '../../../../src/lib/docker/api/containers.js'
import {dockerCredentials, registryOf} from '../../../../src/lib/docker/api/credentials.js'
import {isConflict, isNotFound, isUnchanged, registryTrouble} from '../../../../src/lib/docker/errors.js'
import {toEvent} from '../../../../src/lib/docker/api/events.js'
import {findEndpoint} from '../../../../src/lib/docker/connect.js'
import {tempFolder} from '../../../support/unit/temp-folder.js'

const ENV = ['PATH=/bin', 'VPN_INTERFACE=tun0', 'FIREWALL_OUTBOUND_SUBNETS=', 'WIREGUARD_PRIVATE_KEY=a=b', 'DNS_ADDRESS= 1.1.1.1 ']

const inspected = (state: object = {}, more: object = {}) =>
  ({
    Id: '4f2a',
    Name: '/torrent-sonarr-1',
    Image: 'sha256:aa',
    RestartCount: 2,
    State: {Status: 'running', ExitCode: 0, Error: '', Pid: 7, StartedAt: '2026-11-22T20:00:01.5Z', ...state},
    Config: {
      Image: 'sonarr:4',
      Env: ENV,
      Labels: {
        'com.docker.compose.service': 'sonarr',
        'com.docker.compose.project.config_files': '/h/torrent.yml,/h/torrent.override.yml',
        'com.docker.compose.config-hash': '12ab',
      },
    },
    HostConfig: {NetworkMode: 'container:99'},
    NetworkSettings: {Ports: {}},
    ...more,
  }) as unknown as ContainerInspectInfo

describe('toObserved', () => {
  it('reads an inspection', () => {
    expect(toObserved(inspected())).toEqual({
      id: '4f2a',
      name: 'torrent-sonarr-1',
      service: 'sonarr',
      files: ['/h/torrent.yml', '/h/torrent.override.yml'],
      state: 'running',
      health: 'none',
      healthOutput: undefined,
      exitCode: 0,
      error: '',
      startedAt: Date.parse('2026-11-22T20:00:01.5Z'),
      finishedAt: 0,
      restarts: 2,
      pid: 7,
      networkMode: 'container:99',
      imageId: 'sha256:aa',
      image: 'sonarr:4',
      configHash: '12ab',
      ports: [],
      // Nothing that may be secret; what is empty is not set.
      settings: new Map([
        ['DNS_ADDRESS', '1.1.1.1'],
        ['VPN_INTERFACE', 'tun0'],
      ]),
    })
  })

  it('has the start of what never started as 0', () => expect(toObserved(inspected({StartedAt: '0001-01-01T00:00:00Z'})).startedAt).toBe(0))

  it('shows the last health check’s output only if it failed', () => {
    const health = (...codes: number[]) =>
      toObserved(inspected({Health: {Status: 'unhealthy', Log: codes.map((ExitCode) => ({ExitCode, Output: ` said ${ExitCode}\n`}))}}))
    expect(health(0, 1)).toMatchObject({health: 'unhealthy', healthOutput: 'said 1'})
    expect(health(1, 0).healthOutput).toBeUndefined()
    expect(health().healthOutput).toBeUndefined()
  })

  it('shows a port of both protocol families once, and a loopback one with its address', () => {
    const Ports = {
      '80/tcp': [
        {HostIp: '0.0.0.0', HostPort: '8080'},
        {HostIp: '::', HostPort: '8080'},
      ],
      '53/udp': [{HostIp: '127.0.0.1', HostPort: '53'}],
      '9/tcp': null,
    }
    expect(toObserved(inspected({}, {NetworkSettings: {Ports}})).ports).toEqual(['127.0.0.1:53->53/udp', '8080->80'])
  })
})

describe('toEvent', () => {
  const message = {Type: 'container', Action: 'start', Actor: {ID: '4f', Attributes: {'com.docker.compose.service': 'sonarr'}}}

  it('reads an event', () => expect(toEvent(JSON.stringify(message))).toEqual({action: 'start', container: '4f', service: 'sonarr'}))

  it.each([
    '',
    '  ',
    JSON.stringify(message).slice(0, 40),
    '{}',
    '"x"',
    JSON.stringify({...message, Actor: {ID: '4f', Attributes: {}}}),
    JSON.stringify({...message, Actor: undefined}),
  ])('takes no hint from %j', (line) => expect(toEvent(line)).toBeUndefined())
})

describe('credentials', () => {
  it.each([
    ['alpine', 'https://index.docker.io/v1/'],
    ['alpine:3.20', 'https://index.docker.io/v1/'],
    ['user/alpine', 'https://index.docker.io/v1/'],
    ['docker.io/library/alpine', 'https://index.docker.io/v1/'],
    ['ghcr.io/x/y:1', 'ghcr.io'],
    ['127.0.0.1:5000/x', '127.0.0.1:5000'],
    ['localhost/x', 'localhost'],
  ])('of %s are those of %s', (reference, registry) => expect(registryOf(reference)).toBe(registry))

  async function credentials(config: unknown, helper?: string) {
    const folder = await tempFolder()
    await writeFile(path.join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config))
    const asked: string[] = []
    const find = dockerCredentials({DOCKER_CONFIG: folder}, async (name, registry) => {
      asked.push(`${name} ${registry}`)
      return helper
    })
    return {find, asked}
  }
  const auth = Buffer.from('me:pass:word').toString('base64')

  it('come from the file, a colon in the password kept', async () => {
    const {find} = await credentials({auths: {'ghcr.io': {auth}}})
    expect(await find('ghcr.io/x/y')).toEqual({username: 'me', password: 'pass:word', serveraddress: 'ghcr.io'})
    expect(await find('alpine')).toBeUndefined()
  })

  it('come from the registry’s helper before the common store', async () => {
    const {find, asked} = await credentials(
      {credsStore: 'pass', credHelpers: {'ghcr.io': 'gh'}},
      JSON.stringify({Username: 'me', Secret: 's'}),
    )
    expect(await find('ghcr.io/x/y')).toEqual({username: 'me', password: 's', serveraddress: 'ghcr.io'})
    await find('alpine')
    expect(asked).toEqual(['gh ghcr.io', 'pass https://index.docker.io/v1/'])
  })

  it('know an identity token', async () => {
    const {find} = await credentials({credsStore: 'pass'}, JSON.stringify({Username: '<token>', Secret: 't'}))
    expect(await find('ghcr.io/x/y')).toEqual({identitytoken: 't', serveraddress: 'ghcr.io'})
  })

  it('are none with a broken or a missing file', async () => {
    expect(await (await credentials('{')).find('alpine')).toBeUndefined()
    expect(await dockerCredentials({DOCKER_CONFIG: '/nowhere'}, async () => undefined)('alpine')).toBeUndefined()
  })

  it('fall back to the file where the helper has nothing', async () => {
    const {find} = await credentials({credsStore: 'pass', auths: {'ghcr.io': {auth}}})
    expect(await find('ghcr.io/x')).toMatchObject({username: 'me'})
  })
})

describe('errors of the API', () => {
  it('are told by their status', () => {
    const of = (statusCode: number) => Object.assign(new Error('x'), {statusCode})
    expect([isNotFound(of(404)), isConflict(of(409)), isUnchanged(of(304))]).toEqual([true, true, true])
    expect([isNotFound(of(500)), isNotFound(null), isNotFound('404'), isNotFound({statusCode: '404'})]).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  it.each([
    ['toomanyrequests: You have reached your pull rate limit', 'the registry limits our requests for now'],
    ['unauthorized: authentication required', 'the registry wants a login'],
    ['manifest unknown', 'the registry does not know it'],
    ['dial tcp: i/o timeout', 'the registry does not answer'],
  ])('%s: %s', (text, trouble) => expect(registryTrouble(new Error(text))).toBe(trouble))
})

describe('findEndpoint', () => {
  const hosts: Record<string, string> = {nas: 'ssh://nas', rootless: 'unix:///run/user/1/docker.sock', filed: 'tcp://filed:2376'}
  const ask = async (name: string): Promise<string> => hosts[name] ?? ''
  const none = {DOCKER_CONFIG: '/nowhere'}

  it('is the usual socket when nothing is said', async () => {
    expect(await findEndpoint(none, undefined, ask)).toEqual({kind: 'socket', path: '/var/run/docker.sock'})
    expect(await findEndpoint(none, 'default', ask)).toEqual({kind: 'socket', path: '/var/run/docker.sock'})
  })

  it('takes --context before DOCKER_HOST before DOCKER_CONTEXT', async () => {
    const all = {...none, DOCKER_HOST: 'unix:///host.sock', DOCKER_CONTEXT: 'nas'}
    expect(await findEndpoint(all, 'rootless', ask)).toEqual({kind: 'socket', path: '/run/user/1/docker.sock'})
    expect(await findEndpoint(all, undefined, ask)).toEqual({kind: 'socket', path: '/host.sock'})
    expect(await findEndpoint({...none, DOCKER_CONTEXT: 'nas'}, undefined, ask)).toEqual({kind: 'dial', name: 'ssh://nas'})
  })

  it('takes the current context of the CLI’s configuration', async () => {
    const folder = await tempFolder()
    await writeFile(path.join(folder, 'config.json'), JSON.stringify({currentContext: 'filed'}))
    expect(await findEndpoint({DOCKER_CONFIG: folder}, undefined, ask)).toEqual({kind: 'dial', name: 'tcp://filed:2376'})
  })
})
