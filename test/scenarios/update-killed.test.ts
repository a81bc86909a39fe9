import {spawn} from 'node:child_process'
import {once} from 'node:events'
import path from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {ROOT} from '../lab/workshop.js'
import {childrenOf} from '../support/scenario/children.js'
import {startDockerProxy, type DockerProxy} from '../support/scenario/docker-proxy.js'
import {eventually} from '../support/scenario/eventually.js'
import {THREE, useLab} from '../support/scenario/lab.js'
import {text} from '../support/scenario/outcome.js'
import type {TorrentStack} from '../support/scenario/torrent-stack.js'
import {torrentUp} from '../support/scenario/torrent-up.js'
import {updatesOf, type Runs} from '../support/scenario/updates.js'
import {useWatchers} from '../support/scenario/watcher.js'

/** Docker is asked through a proxy, which holds a request: so each kill comes at exactly the moment that is meant. */
describe('an update killed by SIGKILL, and the next command', () => {
  const lab = useLab({dependents: THREE})
  const watch = useWatchers(lab)
  let torrent: TorrentStack
  let updates: ReturnType<typeof updatesOf>
  let proxy: DockerProxy
  let before: Runs
  let serial = 1

  const pulling = (question: string): boolean => question === 'POST /images/create'
  const tagging = (question: string): boolean => /^POST \/images\/.*\/tag$/.test(question)
  const creating = (question: string): boolean => question === 'POST /containers/create'
  const starting = (question: string): boolean => /^POST \/containers\/\w+\/start$/.test(question)
  const after = (count: number, matches: (question: string) => boolean) => {
    let seen = 0
    return (question: string): boolean => matches(question) && ++seen > count
  }

  /** `homelab stack torrent update …`, killed with what it has started when such a request has come, which goes nowhere. */
  const killAt = async (matches: (question: string) => boolean, ...services: string[]): Promise<void> => {
    const held = proxy.hold(matches)
    const args = [path.join(ROOT, 'bin/run.cjs'), 'stack', 'torrent', 'update', ...services, '--timeout', '6']
    const child = spawn(process.execPath, args, {env: {...process.env, ...lab().env, DOCKER_HOST: proxy.host}, stdio: 'ignore'})
    const ended = once(child, 'exit')
    await Promise.race([held.reached, ended.then(() => Promise.reject(new Error('it ended before')))])
    const children = await childrenOf(child.pid ?? 0)
    child.kill('SIGKILL')
    await ended
    for (const one of children) process.kill(one, 'SIGKILL')
    held.drop()
  }

  /** What the next command makes of it. */
  const next = async (...services: string[]): Promise<string> => {
    const result = await lab().homelab(['stack', 'torrent', 'update', ...services, '--timeout', '6'])
    expect([0, 3], text(result.all)).toContain(result.exitCode)
    await updates.expectClosed()
    return text(result.all)
  }

  beforeAll(async () => {
    torrent = await torrentUp(lab())
    updates = updatesOf(lab())
    proxy = await startDockerProxy()
  })

  afterAll(() => proxy.close())

  beforeEach(async () => {
    proxy.mend()
    await torrent.restore()
    before = await updates.runs('sonarr', 'SONARR_PORT')
  })

  const good = async (): Promise<string> => {
    const version = `2.0.${++serial}`
    await lab().push('sonarr', {version})
    return version
  }

  it.each([
    ['before the pull', pulling],
    ['before the old image has its name', tagging],
    ['before the new container is made', creating],
    ['before the new container is started', starting],
  ])('%s: runs the new image in the end, once', async (_, moment) => {
    const version = await good()
    await killAt(moment, 'sonarr')
    await next('sonarr')
    expect(await updates.runs('sonarr', 'SONARR_PORT')).toMatchObject({version, health: 'healthy'})
    await torrent.whole()
  })

  it('while it waits for a good image: finishes', async () => {
    const version = await good()
    await killAt(
      after(3, (question) => /^GET \/containers\/\w+\/json$/.test(question)),
      'sonarr',
    ).catch(() => undefined)
    await next('sonarr')
    expect(await updates.runs('sonarr', 'SONARR_PORT')).toMatchObject({version, health: 'healthy'})
  })

  it.each([
    ['before the bad image’s container is made', creating],
    ['before it is started', starting],
    ['on the way back, before the name is moved', after(1, tagging)],
    ['on the way back, before the old container is made', after(1, creating)],
    ['on the way back, before the old container is started', after(1, starting)],
  ])('%s: runs the old image in the end', async (_, moment) => {
    await lab().push('sonarr', {version: `6.6.${++serial}`, mode: 'never-healthy'})
    await killAt(moment, 'sonarr')
    await next('sonarr')
    expect(await updates.runs('sonarr', 'SONARR_PORT')).toMatchObject({version: before.version, image: before.image, health: 'healthy'})
    expect(await updates.named('sonarr')).toBe(before.image)
    await torrent.whole()
  })

  it('is shown by status, and brought to its end by a start of another service', async () => {
    const version = await good()
    await killAt(creating, 'sonarr')
    expect(text((await lab().homelab(['stack', 'torrent', 'status'])).stdout)).toContain('! An update of sonarr was interrupted')
    const {exitCode, all} = await lab().homelab(['stack', 'torrent', 'start', 'radarr', '--timeout', '6'])
    expect([0, 1], text(all)).toContain(exitCode)
    await updates.expectClosed()
    expect([before.version, version]).toContain((await updates.runs('sonarr', 'SONARR_PORT')).version)
    expect(text((await lab().homelab(['stack', 'torrent', 'status'])).stdout)).not.toContain('interrupted')
    await torrent.whole()
  })

  it('is brought to its end by the watcher, though no job of its own', async () => {
    const version = await good()
    await watch({which: 'updates', config: {watch: {resync: 1}, updates: {batch: 1, gate: {running: 2, healthyFor: 0}}}})
    await killAt(starting, 'sonarr')
    await eventually(() => updates.expectClosed().then(() => true), {within: 60, what: 'the end of the update'})
    expect(await updates.runs('sonarr', 'SONARR_PORT')).toMatchObject({version, health: 'healthy'})
    await eventually(async () => expect((await torrent.alerts()).at(-1)).toMatchObject({title: 'Successfully updated sonarr'}), {
      within: 20,
      what: 'a message',
    })
    await torrent.whole()
  })

  it.each([
    ['the gateway’s container is made', creating],
    ['its first dependent is made', after(1, creating)],
    ['everybody is started', after(2, starting)],
  ])('of the gateway, before %s: all are together in the end', async (_, moment) => {
    await lab().push('gluetun', {version: `3.0.${++serial}`})
    await killAt(moment, 'gluetun')
    await next('gluetun')
    expect((await updates.runs('gluetun')).version).toBe('')
    await torrent.whole()
  })
})
