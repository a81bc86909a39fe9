import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {ContainerEvent} from '../../src/lib/docker/engine.js'
import {aStack} from '../support/unit/stack.js'
import {json, ScriptedDaemon, stream} from './scripted-daemon.js'

const stack = aStack({plex: {}})
const never = new AbortController().signal
let daemon: ScriptedDaemon

beforeEach(async () => {
  daemon = await ScriptedDaemon.listen()
})
afterEach(() => daemon.close())

const event = (service: string, action = 'start'): string =>
  JSON.stringify({Type: 'container', Action: action, Actor: {ID: `${service}-1`, Attributes: {'com.docker.compose.service': service}}})

async function events(signal = never): Promise<string[]> {
  const seen: ContainerEvent[] = []
  for await (const one of daemon.engine.events('torrent', signal)) seen.push(one)
  return seen.map(({action, service}) => `${action} ${service}`)
}

describe('events', () => {
  it('are read when one comes in halves, and two in one chunk', async () => {
    const [first, second, third] = [event('plex'), event('sonarr'), event('gluetun', 'health_status: healthy')]
    daemon.on('GET /events', stream([first.slice(0, 30), `${first.slice(30)}\n`, `${second}\n${third}\n`], 'end'))
    expect(await events()).toEqual(['subscribed ', 'start plex', 'start sonarr', 'health_status: healthy gluetun'])
  })

  it('end without an error when the stream is cut in the middle of one', async () => {
    daemon.on('GET /events', stream([`${event('plex')}\n`, event('sonarr').slice(0, 30)], 'cut'))
    expect(await events()).toEqual(['subscribed ', 'start plex'])
  })

  it('end without an error when the signal fires', async () => {
    daemon.on('GET /events', stream([`${event('plex')}\n`], 'stay'))
    const stopping = new AbortController()
    setTimeout(() => stopping.abort(), 50)
    expect(await events(stopping.signal)).toEqual(['subscribed ', 'start plex'])
  })

  it('are asked for of our project, without health probes', async () => {
    let asked: Record<string, string[]> = {}
    daemon.on('GET /events', (response, request) => {
      asked = JSON.parse(new URL(request.url ?? '', 'http://docker').searchParams.get('filters') ?? '{}') as typeof asked
      response.end()
    })
    await events()
    expect(asked.label).toEqual(['com.docker.compose.project=torrent'])
    expect(asked.event).toContain('health_status')
  })
})

const inspection = (id: string, startedAt = '2026-11-22T20:00:01Z') => ({
  Id: id,
  Name: `/${id}`,
  Image: 'sha256:a',
  RestartCount: 0,
  State: {Status: 'running', ExitCode: 0, Error: '', Pid: 1, StartedAt: startedAt},
  Config: {Image: 'plex', Labels: {'com.docker.compose.service': 'plex'}},
  HostConfig: {NetworkMode: 'bridge'},
  NetworkSettings: {Ports: {}},
})

describe('observe', () => {
  it('leaves out a container that goes away between list and inspection', async () => {
    daemon
      .on('GET /containers/json', json(200, [{Id: 'one'}, {Id: 'two'}]))
      .on('GET /containers/one/json', json(404, {message: 'No such container: one'}))
      .on('GET /containers/two/json', json(200, inspection('two')))
      .on(
        'GET /networks',
        json(200, [
          {Name: 'torrent_default', Labels: {'com.docker.compose.project': 'torrent'}},
          {Name: 'bridge', Labels: null},
        ]),
      )
    const observed = await daemon.engine.observe(stack, {}, never)
    expect([...observed.containers.values()].map(({id}) => id)).toEqual(['two'])
    expect(observed.ownNetworks).toEqual(['torrent_default'])
  })

  it('takes the newest start for the service after an interrupted recreation', async () => {
    daemon
      .on('GET /containers/json', json(200, [{Id: 'new'}, {Id: 'old'}]))
      .on('GET /containers/new/json', json(200, inspection('new', '2026-11-22T21:00:00Z')))
      .on('GET /containers/old/json', json(200, inspection('old')))
      .on('GET /networks', json(200, []))
    expect((await daemon.engine.observe(stack, {}, never)).containers.get('plex')?.id).toBe('new')
  })

  it('explains a daemon that fails', async () => {
    daemon.on('GET /containers/json', json(500, {message: 'no space left on device'})).on('GET /networks', json(200, []))
    await expect(daemon.engine.observe(stack, {}, never)).rejects.toMatchObject({name: 'OperatorError', message: 'The disk is full.'})
  })

  it('is no failure of Docker when it is cancelled', async () => {
    const stopping = new AbortController()
    daemon.on('GET /containers/json', () => stopping.abort()).on('GET /networks', () => undefined)
    await expect(daemon.engine.observe(stack, {}, stopping.signal)).rejects.not.toMatchObject({name: 'OperatorError'})
  })

  const image = 'example.org/plex:1'
  const remote = async (status: number, body: unknown) => {
    daemon
      .on('GET /containers/json', json(200, []))
      .on('GET /networks', json(200, []))
      .on(
        `GET /images/${image}/json`,
        json(200, {
          Id: 'sha256:a',
          RepoDigests: ['example.org/plex@sha256:d'],
          Config: {Labels: {'org.opencontainers.image.version': '1.2'}},
        }),
      )
      .on(`GET /distribution/${image}/json`, json(status, body))
    return (await daemon.engine.observe(stack, {images: true, registries: ['plex']}, never)).images.get(image)
  }

  it('asks the registry', async () => {
    expect(await remote(200, {Descriptor: {digest: 'sha256:new'}})).toEqual({
      reference: image,
      id: 'sha256:a',
      digests: ['sha256:d'],
      version: '1.2',
      remote: {digest: 'sha256:new'},
    })
  })

  it.each([
    [401, 'unauthorized: authentication required', 'the registry wants a login'],
    [403, 'denied', 'the registry wants a login'],
    [404, 'manifest unknown', 'the registry does not know it'],
    [429, 'toomanyrequests: slow down', 'the registry limits our requests for now'],
    [500, 'dial tcp: i/o timeout', 'the registry does not answer'],
  ])('takes a registry’s %d for not knowing', async (status, message, unknown) => {
    expect((await remote(status, {message}))?.remote).toEqual({unknown})
  })

  it('has no id of an image that is not here, and asks no registry unasked', async () => {
    daemon
      .on('GET /containers/json', json(200, []))
      .on('GET /networks', json(200, []))
      .on(`GET /images/${image}/json`, json(404, {message: 'No such image'}))
    const observed = await daemon.engine.observe(stack, {images: true}, never)
    expect(observed.images.get(image)).toMatchObject({id: undefined, remote: undefined})
    expect(daemon.asked.filter((name) => name.includes('distribution'))).toEqual([])
  })
})

describe('changes', () => {
  it('take 304 for done: it was so already', async () => {
    daemon.on('POST /containers/a/start', json(304, '')).on('POST /containers/a/stop', json(304, ''))
    await daemon.engine.start('a')
    await daemon.engine.stop('a')
    expect(daemon.asked).toEqual(['POST /containers/a/start', 'POST /containers/a/stop'])
  })

  it('explain what fails', async () => {
    daemon.on('POST /containers/a/start', json(500, {message: 'Bind for 0.0.0.0:8080 failed: port is already allocated'}))
    await expect(daemon.engine.start('a')).rejects.toMatchObject({message: 'Port 8080 of this machine is taken by something else.'})
  })

  it('remove what is gone by now without an error, and never its volumes', async () => {
    let query = ''
    daemon.on('POST /containers/a/stop', json(404, {message: 'No such container: a'})).on('DELETE /containers/a', (response, request) => {
      query = request.url ?? ''
      json(404, {message: 'No such container: a'})(response, request)
    })
    await daemon.engine.remove('a')
    expect(query).toMatch(/v=(false|0)|^[^?]*$/)
  })
})

describe('pull', () => {
  const lines = (...messages: object[]): string => messages.map((message) => `${JSON.stringify(message)}\r\n`).join('')
  const pulled: object[] = []
  const pull = (signal = never) => daemon.engine.pull('example.org/plex:1', (progress) => pulled.push(progress), signal)
  beforeEach(() => void pulled.splice(0))

  it('tells the progress of its layers', async () => {
    const all = lines(
      {status: 'Pulling from plex', id: '1'},
      {status: 'Already exists', id: 'a'},
      {status: 'Downloading', id: 'b', progressDetail: {current: 5, total: 10}},
      {status: 'Download complete', id: 'b'},
      {status: 'Pull complete', id: 'b'},
    )
    daemon.on('POST /images/create', stream([all.slice(0, 50), all.slice(50)], 'end'))
    await pull()
    expect(pulled.at(2)).toEqual({layers: 2, layersDone: 1, bytes: 5, bytesTotal: 10})
    expect(pulled.at(-1)).toEqual({layers: 2, layersDone: 2, bytes: 10, bytesTotal: 10})
  })

  it('fails with the error that comes in its stream', async () => {
    daemon.on(
      'POST /images/create',
      stream(
        [lines({status: 'Downloading', id: 'b'}, {errorDetail: {message: 'no space left on device'}, error: 'no space left on device'})],
        'end',
      ),
    )
    await expect(pull()).rejects.toMatchObject({message: 'The disk is full.'})
  })

  it('fails before its stream with the registry’s answer', async () => {
    daemon.on('POST /images/create', json(404, {message: 'manifest for example.org/plex:1 not found: manifest unknown'}))
    await expect(pull()).rejects.toMatchObject({message: 'The registry has no image example.org/plex:1.'})
  })

  it('does not take a cut stream for success', async () => {
    daemon.on('POST /images/create', stream([lines({status: 'Downloading', id: 'b'})], 'cut'))
    await expect(pull()).rejects.toMatchObject({name: 'OperatorError'})
  })

  it('ends at once when it is cancelled, which is no failure of Docker', async () => {
    daemon.on('POST /images/create', stream([lines({status: 'Downloading', id: 'b'})], 'stay'))
    const stopping = new AbortController()
    setTimeout(() => stopping.abort(), 50)
    await expect(pull(stopping.signal)).rejects.not.toMatchObject({name: 'OperatorError'})
  })
})

describe('networks', () => {
  it('may exist by now: another stack was quicker', async () => {
    daemon.on('POST /networks/create', json(409, {message: 'network with name media already exists'}))
    await daemon.engine.createNetwork('media', '172.30.0.0/24')
  })

  it('are kept while a container uses them, and if somebody else made them', async () => {
    daemon
      .on('GET /networks/media', json(200, {Name: 'media', Labels: {'io.homelab.created': 'true'}}))
      .on('GET /containers/json', json(200, [{Id: 'a'}]))
      .on('GET /networks/foreign', json(200, {Name: 'foreign', Labels: {}}))
    expect(await daemon.engine.removeNetwork('media', 'torrent')).toMatchObject({removed: false})
    expect(await daemon.engine.removeNetwork('foreign', 'torrent')).toMatchObject({removed: false})
    expect(daemon.asked.filter((name) => name.startsWith('DELETE'))).toEqual([])
  })

  it('are removed when nobody uses them', async () => {
    daemon
      .on('GET /networks/media', json(200, {Name: 'media', Labels: {'io.homelab.created': 'true'}}))
      .on('GET /containers/json', json(200, []))
      .on('DELETE /networks/media', json(204, ''))
    expect(await daemon.engine.removeNetwork('media', 'torrent')).toEqual({removed: true, why: 'removed'})
  })
})

it('a daemon that is away is explained', async () => {
  const {engine, socket} = daemon
  await daemon.close()
  await expect(engine.inspect('a', never)).rejects.toMatchObject({message: 'No Docker daemon answers.'})
  expect(socket).toContain('docker.sock')
  daemon = await ScriptedDaemon.listen()
})
