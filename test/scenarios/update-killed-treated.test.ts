import {once} from 'node:events'
import {access, readFile, rm, writeFile} from 'node:fs/promises'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterAll, beforeAll, beforeEach, describe, expect, inject, it} from 'vitest'
import {startDockerProxy, type DockerProxy} from '../support/scenario/docker-proxy.js'
import {eventually} from '../support/scenario/eventually.js'
import {keptStack} from '../support/scenario/kept-stack.js'
import {useLab} from '../support/scenario/lab.js'
import {text} from '../support/scenario/outcome.js'
import {recorded, webhookOf} from '../support/scenario/webhook.js'
import {updatesOf} from '../support/scenario/updates.js'
import {useWatchers, type Watcher} from '../support/scenario/watcher.js'

/** Another tag, with a copy of the configuration, a page that has to answer, and commands before and after; killed at each of its steps. */
describe('homelab watch updates, killed in an update with everything', () => {
  const lab = useLab()
  const watch = useWatchers(lab)
  let stack: Awaited<ReturnType<typeof keptStack>>
  let updates: ReturnType<typeof updatesOf>
  let hook: Awaited<ReturnType<typeof webhookOf>>
  let proxy: DockerProxy
  let page: Server
  /** Told of each request; what it returns has to end before the page answers. */
  let asked: () => Promise<unknown> = () => Promise.resolve()
  let serial = 0

  const stopping = (question: string): boolean => /^POST \/containers\/\w+\/stop/.test(question)
  const creating = (question: string): boolean => question === 'POST /containers/create'
  const second = (matches: (question: string) => boolean) => {
    let seen = 0
    return (question: string): boolean => matches(question) && ++seen > 1
  }

  const begin = (): Promise<Watcher> => {
    const {port} = page.address() as AddressInfo
    const command = (name: string): string[] => ['/bin/sh', '-c', `touch ${stack.file(name)}; sleep 2`]
    const sonarr = {backup: true, probe: `http://127.0.0.1:${port}/`, before: command('before'), after: command('after')}
    const config = {
      updates: {batch: 1, gate: {running: 2, healthyFor: 0}, probeTimeout: 2, services: {'kept/sonarr': sonarr}},
      timeouts: {healthy: 6},
    }
    return watch({which: 'updates', config, env: {DOCKER_HOST: proxy.host}})
  }
  const there = (name: string): Promise<unknown> =>
    eventually(() => access(stack.file(name)).then(() => true), {within: 30, what: `the command ${name}`})
  const held = (matches: (question: string) => boolean) => async (): Promise<unknown> => proxy.hold(matches).reached
  const isAsked = (): Promise<unknown> =>
    new Promise((reached) => {
      asked = () => {
        reached(undefined)
        return new Promise(() => undefined)
      }
    })
  const killAt = async (moment: () => Promise<unknown>, mode?: 'never-healthy', later = (): Promise<unknown> => Promise.resolve()) => {
    const version = `2.${++serial}.0`
    await lab().push('sonarr', {version, tag: version, ...(mode && {mode})})
    const watcher = await begin()
    await hook.ready()
    const reached = moment()
    const change = {result: {tag: version}, updateKind: {kind: 'tag', remoteValue: version}}
    const {accepted} = await hook.post(recorded('simple-tag-minor', lab(), 'kept', 'sonarr', change))
    await reached
    await watcher.kill()
    proxy.mend()
    asked = later
    await watcher.restart()
    await hook.ready()
    const id = accepted[0]?.job ?? ''
    await eventually(async () => !['queued', 'running'].includes((await hook.job(id)).state), {within: 60, what: 'the end of the job'})
    await updates.expectClosed()
    return {version, job: await hook.job(id)}
  }

  beforeAll(async () => {
    stack = await keptStack(lab(), inject('registry'), {sonarr: 8989})
    // A tag that can be compared: another one is not applied without its operator.
    await lab().push('sonarr', {version: '1.0.0', tag: '1.0.0'})
    const file = stack.file('compose/kept.yml')
    await writeFile(file, (await readFile(file, 'utf8')).replace('/sonarr:latest', '/sonarr:1.0.0'))
    const up = await lab().homelab(['stack', 'kept', 'up'])
    expect(up.exitCode, text(up.all)).toBe(0)
    updates = updatesOf(lab(), 'kept')
    proxy = await startDockerProxy()
    page = createServer(
      (_, response) =>
        void asked().then(
          () => response.end('here'),
          () => response.writeHead(500).end(),
        ),
    ).listen(0, '127.0.0.1')
    await once(page, 'listening')
  })

  afterAll(async () => {
    page.close().closeAllConnections()
    await proxy.close()
  })

  beforeEach(async () => {
    hook = await webhookOf(lab())
    await Promise.all(['before', 'after'].map((name) => rm(stack.file(name), {force: true})))
  })

  it.each<[string, () => Promise<unknown>]>([
    ['in the command before it', () => there('before')],
    ['before it is stopped for the copy', held(stopping)],
    ['before the new container is made', held(creating)],
    ['while the page is asked', isAsked],
    ['in the command after it', () => there('after')],
  ])('%s: the new version runs in the end, pinned, with its database', async (_, moment) => {
    const {version, job} = await killAt(moment)
    expect(job).toMatchObject({state: 'done'})
    expect([await stack.version('sonarr'), await stack.database('sonarr'), await stack.healthy('sonarr')]).toEqual([
      version,
      version,
      'healthy',
    ])
    expect(await stack.pins()).toContain(`:${version}`)
    await expect(access(stack.file('after'))).resolves.toBeUndefined()
  })

  it('while the page is asked, and the page does not answer later either: the old version runs in the end', async () => {
    const before = await stack.version('sonarr')
    const {job} = await killAt(isAsked, undefined, () => Promise.reject(new Error('no')))
    expect(job).toMatchObject({state: 'rolled-back', summary: expect.stringContaining('does not answer as it should') as string})
    expect([await stack.version('sonarr'), await stack.database('sonarr'), await stack.healthy('sonarr')]).toEqual([
      before,
      before,
      'healthy',
    ])
  })

  it.each<[string, () => Promise<unknown>]>([
    ['before it is stopped, to put back its configuration', held(second(stopping))],
    ['before the old container is made', held(second(creating))],
  ])('on the way back, %s: the old version runs in the end, pinned as before, with its own database', async (_, moment) => {
    const [before, pins] = [await stack.version('sonarr'), await stack.pins()]
    const {job} = await killAt(moment, 'never-healthy')
    expect(job).toMatchObject({state: 'rolled-back'})
    expect([await stack.version('sonarr'), await stack.database('sonarr'), await stack.healthy('sonarr')]).toEqual([
      before,
      before,
      'healthy',
    ])
    expect(await stack.pins()).toBe(pins)
  })
})
