import {execFileSync} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {text as body} from 'node:stream/consumers'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished} from 'vitest'
import type {Notification} from '../../src/lib/model/notification.js'
import {startDockerProxy, type DockerProxy} from '../support/scenario/docker-proxy.js'
import {eventually} from '../support/scenario/eventually.js'
import {cure, restartGateway, sicken, slowToStop} from '../support/scenario/faults.js'
import {THREE, useLab} from '../support/scenario/lab.js'
import {itUnless, lacksRoot} from '../support/scenario/needs.js'
import {text} from '../support/scenario/outcome.js'
import {NOBODY, sendTo} from '../support/scenario/settings.js'
import {watchStarts, type Starts} from '../support/scenario/starts.js'
import type {TorrentStack} from '../support/scenario/torrent-stack.js'
import {torrentUp} from '../support/scenario/torrent-up.js'
import {useWatchers} from '../support/scenario/watcher.js'

describe('a cascade in trouble', () => {
  const lab = useLab({dependents: THREE})
  const watch = useWatchers(lab)
  let torrent: TorrentStack
  let proxy: DockerProxy
  let starts: Starts
  let since: number
  let alerted: number

  /** Messages since the test began. */
  const alerts = async (): Promise<Notification[]> => (await torrent.alerts()).slice(alerted)
  const titles = async (): Promise<string[]> => (await alerts()).map(({title}) => title.replace(/[\d.]+ s(?=$|:)/, '… s'))
  const ended = async (): Promise<string[]> =>
    (await torrent.journalSince(since)).flatMap((line) => (line.kind === 'ended' ? [line.result] : []))

  beforeAll(async () => {
    torrent = await torrentUp(lab())
    proxy = await startDockerProxy()
    starts = await watchStarts(lab())
  })

  afterAll(async () => {
    await proxy.close()
    await starts.close()
  })

  beforeEach(async () => {
    proxy.mend()
    await torrent.restore()
    since = await torrent.mark()
    alerted = (await torrent.alerts()).length
    starts.clear()
  })

  it('a gateway whose port is taken when it starts: told by status and log, tried again, and all are back when it is free', async () => {
    // A start that fails is no event of Docker's: it is seen at the next resync.
    const watcher = await watch({config: {cascade: {attempts: 8}, watch: {resync: 3}}})
    await watcher.looked()
    await torrent.docker('stop', torrent.container('gluetun'))
    await eventually(async () => (await torrent.inspect('sonarr')).State.Status === 'exited', {within: 30})
    const other = createServer().listen(lab().ports.SONARR_PORT, '0.0.0.0')
    await once(other, 'listening')
    try {
      await expect(torrent.docker('start', torrent.container('gluetun'))).rejects.toThrow('address already in use')
      const status = await lab().homelab(['stack', 'torrent', 'status'])
      expect(text(status.all)).toMatch(/✗ {2}gluetun +stopped: .*address already in use/)
      const tries = (): number => watcher.log().match(/start gluetun: failed .*Port \d+ of this machine is taken/g)?.length ?? 0
      await eventually(() => tries() >= 2, {within: 30, what: 'two attempts'})
    } finally {
      other.close()
    }
    await torrent.whole({since, within: 90})
    expect(await alerts()).toEqual([expect.objectContaining({title: expect.stringMatching(/^Cascade restart successful/) as string})])
  })

  it('a service of a stack without a gateway whose port is taken: started when it is free, and told', async () => {
    const up = await lab().homelab(['stack', 'services', 'up', 'seerr'])
    expect(up.exitCode, text(up.all)).toBe(0)
    const seerr = lab().container('services', 'seerr')
    await torrent.docker('stop', seerr)
    const other = createServer().listen(lab().ports.SEERR_PORT, '0.0.0.0')
    await once(other, 'listening')
    await expect(torrent.docker('start', seerr)).rejects.toThrow('address already in use')
    const watcher = await watch({config: {cascade: {attempts: 8}, watch: {resync: 3}}})
    await eventually(() => /services: start seerr: failed .*Port \d+ of this machine is taken/.test(watcher.log()), {
      within: 30,
      what: 'an attempt',
    })
    other.close()
    await eventually(async () => expect(await titles()).toEqual(['Started again in … s: seerr']), {within: 60, what: 'a message'})
    await torrent.docker('rm', '-f', seerr)
  })

  it('a gateway that never gets healthy: one alert, nothing starts behind it, and it heals when it is healthy after all', async () => {
    await watch({config: {cascade: {gateway: 3}}})
    await sicken(torrent, 'gluetun')
    await restartGateway(torrent)
    await eventually(async () => (await titles()).length > 0, {within: 20, what: 'the alert'})
    // Starting first, unhealthy later: nobody may come up in either.
    await eventually(async () => (await torrent.inspect('gluetun')).State.Health?.Status === 'unhealthy', {within: 20})
    expect(starts.counts()).toEqual({gluetun: 1})
    expect(await titles()).toEqual(['Cascade restart FAILED: the gateway does not come back'])
    expect((await alerts())[0]).toMatchObject({priority: 5, tags: ['rotating_light']})
    await cure(torrent, 'gluetun')
    await torrent.whole({since, cascades: 1})
    expect(await titles()).toEqual(['Cascade restart FAILED: the gateway does not come back', 'Cascade restart successful in … s'])
  })

  it('one dependent that never gets healthy: it is named with its last words, the others are well, and nothing is tried on and on', async () => {
    await lab().push('sonarr', {version: '2.0.0', mode: 'never-healthy'})
    await torrent.compose('pull', '--quiet', 'sonarr')
    await torrent.compose('up', '--detach', '--no-deps', 'sonarr')
    const watcher = await watch({config: {cascade: {verify: 4}, watch: {resync: 1}}})
    starts.clear()
    await restartGateway(torrent)
    await eventually(async () => expect(await ended()).toEqual(['unhealthy']), {within: 30, what: 'the end of the cascade'})
    expect((await torrent.faults()).map((fault) => fault.split(/[: ]/)[0])).toEqual(['sonarr', 'sonarr'])
    const [alert, ...more] = await alerts()
    expect(alert?.title).toBe('Cascade restart: some services unhealthy')
    expect(alert?.message).toMatch(/- sonarr: .*Connection refused/)
    expect(more).toEqual([])
    // About time: several looks later there is still nothing new.
    await sleep(3000)
    expect(starts.counts()).toEqual(Object.fromEntries(['gluetun', ...THREE].map((service) => [service, 1])))
    expect(await torrent.begun(since)).toHaveLength(1)
    expect(watcher.log()).toContain('1 of 3 services is not well: sonarr')
    await lab().push('sonarr', {version: '3.0.0'})
    const update = await lab().homelab(['stack', 'torrent', 'update', 'sonarr'])
    expect(update.exitCode, text(update.all)).toBe(0)
    await torrent.whole({since, cascades: 1})
  })

  it('one dependent that will not stop: it is killed after its grace period, and comes back with the others', async () => {
    await slowToStop(torrent, ['radarr'], 60)
    starts.clear()
    await watch()
    await restartGateway(torrent)
    await torrent.whole({since, cascades: 1})
    expect(starts.counts()).toEqual(Object.fromEntries(['gluetun', ...THREE].map((service) => [service, 1])))
    await slowToStop(torrent, ['radarr'], 0)
  })

  it('one dependent whose inspection fails: the others are repaired, it is told of, and repaired when it can be seen', async () => {
    const {Id} = await torrent.inspect('sonarr')
    proxy.refuse((question) => question === `GET /containers/${Id}/json`)
    await watch({env: {DOCKER_HOST: proxy.host}, config: {watch: {resync: 1}}})
    await restartGateway(torrent)
    await eventually(async () => expect(await ended()).toEqual(['unhealthy']), {within: 30, what: 'the end of the cascade'})
    expect((await torrent.faults()).map((fault) => fault.split(' ')[0])).toEqual(['sonarr', 'sonarr'])
    expect((await alerts())[0]?.message).toMatch(/- sonarr: it could not be looked at/)
    expect(starts.counts()).toEqual(Object.fromEntries(['gluetun', ...THREE.filter((one) => one !== 'sonarr')].map((one) => [one, 1])))
    proxy.mend()
    await torrent.whole({since, cascades: 2})
  })

  itUnless(lacksRoot(), 'a full state disk: the repair goes on, says so, and the alert goes out directly', async () => {
    const disk = await fullDisk()
    const phone = await fakePhone()
    await sendTo(lab(), phone.url)
    const env = {HOMELAB_STATE: disk}
    const watcher = await watch({env, config: {cascade: {gateway: 20}}})
    await watcher.looked()
    await restartGateway(torrent)
    await eventually(async () => expect(await torrent.faults()).toEqual([]), {within: 30, what: 'the repair without its diary'})
    await eventually(() => phone.titles.length > 0, {within: 20, what: 'the alert'})
    expect(phone.titles.map((title) => title.replace(/[\d.]+ s$/, '… s'))).toEqual(['Cascade restart successful in … s'])
    expect(watcher.log().match(/The repair goes on without it/g)).toHaveLength(1)
    expect(await readdir(disk)).toEqual(['filler'])
    await watcher.stop('SIGTERM')
    await restartGateway(torrent)
    const {exitCode, all} = await lab().homelab(['cascade'], env)
    expect([exitCode, await torrent.faults()], text(all)).toEqual([0, []])
    expect(text(all)).toContain('The repair goes on without it')
    await sendTo(lab(), NOBODY)
  })

  it('the stream of events cut in the middle of an event, again and again: nothing is missed', async () => {
    const cut = proxy.cutEvents()
    await watch({env: {DOCKER_HOST: proxy.host}})
    await restartGateway(torrent)
    await torrent.whole({since, cascades: 1})
    expect(cut()).toBeGreaterThan(1)
  })

  it('the daemon away for a while: one line, one alert, and it goes on after', async () => {
    const watcher = await watch({env: {DOCKER_HOST: proxy.host}, config: {watch: {dockerAway: 2}}})
    await watcher.looked()
    await proxy.away()
    await restartGateway(torrent)
    await eventually(async () => (await alerts()).length > 0, {within: 20, what: 'the alert'})
    expect(await watcher.health()).toMatchObject({status: 503})
    await proxy.back()
    await torrent.whole({since, cascades: 1, within: 60})
    expect(await titles()).toEqual(['homelab cannot watch over the VPN', 'Cascade restart successful in … s'])
    expect(
      watcher
        .log()
        .split('\n')
        .filter((line) => /cascade torrent: (?!over)/.test(line)),
    ).toHaveLength(1)
    expect(watcher.log()).toMatch(/cascade torrent: over after \d+ s/)
  })
})

/** A folder without room for a byte, nor for another file. */
async function fullDisk(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'homelab-full-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,nr_inodes=2', 'tmpfs', folder])
  onTestFinished(async () => {
    execFileSync('umount', ['--lazy', folder])
    await rm(folder, {recursive: true})
  })
  await writeFile(path.join(folder, 'filler'), Buffer.alloc(64 * 1024))
  return folder
}

/** Takes messages as ntfy does: JSON to the root, answered by JSON with an id (recorded from ntfy 2.11). */
async function fakePhone(): Promise<{url: string; titles: string[]}> {
  const titles: string[] = []
  const server = createServer((request, response) => {
    void body(request).then((sent) => {
      titles.push((JSON.parse(sent) as {title: string}).title)
      response.writeHead(200, {'content-type': 'application/json'}).end('{"id":"lab","event":"message"}')
    })
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, titles}
}
