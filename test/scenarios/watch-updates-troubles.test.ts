import {readFileSync} from 'node:fs'
import {readdir, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {execa} from 'execa'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {parseDocument} from 'yaml'
import {startDockerProxy, type DockerProxy} from '../support/scenario/docker-proxy.js'
import {eventually} from '../support/scenario/eventually.js'
import {restartGateway} from '../support/scenario/faults.js'
import {faultyRegistry, type FaultyRegistry} from '../support/scenario/faulty-registry.js'
import {THREE, useLab} from '../support/scenario/lab.js'
import {setVariables, type Settings} from '../support/scenario/settings.js'
import type {TorrentStack} from '../support/scenario/torrent-stack.js'
import {torrentUp} from '../support/scenario/torrent-up.js'
import {updatesOf} from '../support/scenario/updates.js'
import {useWatchers, type Watcher} from '../support/scenario/watcher.js'
import {recorded, webhookOf} from '../support/scenario/webhook.js'

const SETTINGS: Settings = {
  updates: {batch: 1, gate: {running: 2, healthyFor: 1}, pull: {attempts: 2, backoff: 1}},
  timeouts: {healthy: 8},
}

describe('homelab watch updates, in trouble', () => {
  let wire: FaultyRegistry
  const lab = useLab({
    dependents: THREE,
    through: async (registry) => {
      wire = await faultyRegistry(registry)
      return wire.registry
    },
  })
  const watch = useWatchers(lab)
  let torrent: TorrentStack
  let updates: ReturnType<typeof updatesOf>
  let hook: Awaited<ReturnType<typeof webhookOf>>
  let proxy: DockerProxy
  let serial = 1
  const begin = async (which?: 'cascade'): Promise<Watcher> => {
    const watcher = await watch({which: which ?? 'updates', config: SETTINGS, env: {DOCKER_HOST: proxy.host}})
    if (which === undefined) await hook.ready()
    return watcher
  }
  const digest = (service: string): unknown =>
    recorded('simple-digest', lab(), 'torrent', service, {result: {tag: 'latest'}, updateKind: {kind: 'digest'}})
  const fresh = async (service: string, mode?: 'never-healthy'): Promise<string> => {
    const version = `3.0.${++serial}`
    await lab().push(service, {version, ...(mode && {mode})})
    return version
  }

  beforeAll(async () => {
    torrent = await torrentUp(lab())
    updates = updatesOf(lab())
    proxy = await startDockerProxy()
  })

  afterAll(async () => {
    await proxy.close()
    await wire.close()
  })

  beforeEach(async () => {
    wire.mend()
    proxy.mend()
    hook = await webhookOf(lab())
    await torrent.restore()
  })

  afterEach(() => updates.expectClosed())

  it('leaves a service alone whose new tag the registry does not have', async () => {
    await begin()
    const before = await updates.runs('sonarr')
    const {accepted} = await hook.post({container: lab().container('torrent', 'sonarr'), tag: '9.9.9'})
    expect((await lab().homelab(['updates', 'apply', 'sonarr'])).exitCode).toBe(1)
    const job = await hook.job(accepted[0]?.job ?? '')
    expect(job).toMatchObject({state: 'failed'})
    expect(job.summary).toContain('The registry has no image')
    expect(await updates.runs('sonarr')).toEqual(before)
    expect(await readdir(path.join(lab().home, 'compose'))).not.toContain('torrent.pins.yml')
  })

  it('leaves a service alone while the registry is away, and updates it when it is back', async () => {
    await begin()
    const before = await updates.runs('sonarr')
    const version = await fresh('sonarr')
    wire.away()
    expect(await hook.applied(digest('sonarr'))).toMatchObject({state: 'failed'})
    expect(await updates.runs('sonarr')).toEqual(before)
    wire.mend()
    expect(await hook.applied(digest('sonarr'))).toMatchObject({state: 'done'})
    expect((await updates.runs('sonarr', 'SONARR_PORT')).version).toBe(version)
  })

  it.each([
    ['limits us', '429 Too Many Requests', /The registry limits|rate limit/i],
    ['wants a login', '401 Unauthorized', /login|log in/i],
  ])('says so when the registry %s, and updates when it does not any more', async (_, status, why) => {
    const before = await updates.runs('radarr', 'RADARR_PORT')
    const version = await fresh('radarr')
    await begin()
    wire.answer(status)
    const job = await hook.applied(digest('radarr'))
    expect(job).toMatchObject({state: 'failed', summary: expect.stringMatching(why) as string})
    expect(await updates.runs('radarr', 'RADARR_PORT')).toEqual(before)
    wire.mend()
    expect(await hook.applied(digest('radarr'))).toMatchObject({state: 'done'})
    expect((await updates.runs('radarr', 'RADARR_PORT')).version).toBe(version)
  })

  it('leaves a service alone while a layer is cut off in the middle, and updates it when one comes through', async () => {
    await begin()
    const before = await updates.runs('radarr')
    const version = `3.1.${++serial}`
    await lab().push('radarr', {version, ballast: 300_000})
    const cut = wire.cutAfter(50_000)
    const {accepted} = await hook.post(digest('radarr'))
    await cut
    expect(await updates.runs('radarr')).toEqual(before)
    wire.mend()
    const id = accepted[0]?.job ?? ''
    await eventually(async () => (await hook.job(id)).state === 'done', {within: 60, what: 'the end of the job'})
    expect((await updates.runs('radarr', 'RADARR_PORT')).version).toBe(version)
  })

  it('waits for a registry that is slow', async () => {
    await begin()
    const version = `3.2.${++serial}`
    await lab().push('radarr', {version, ballast: 300_000})
    wire.slow(150_000)
    expect(await hook.applied(digest('radarr'))).toMatchObject({state: 'done'})
    expect((await updates.runs('radarr', 'RADARR_PORT')).version).toBe(version)
  })

  const pulling = (question: string): boolean => question === 'POST /images/create'
  const tagging = (question: string): boolean => /^POST \/images\/.*\/tag$/.test(question)
  const starting = (question: string): boolean => /^POST \/containers\/\w+\/start$/.test(question)
  const after = (count: number, matches: (question: string) => boolean) => {
    let seen = 0
    return (question: string): boolean => matches(question) && ++seen > count
  }

  // The other moments: update-killed, with a command; update-killed-treated, with a job that goes to its end.
  it.each([
    ['the pull', pulling, undefined],
    ['the new container is started', starting, undefined],
    ['the name goes back', after(1, tagging), 'never-healthy' as const],
    ['the old container is started again', after(1, starting), 'never-healthy' as const],
  ])('killed before %s, and started again: the job ends once, and the service runs', async (_, moment, mode) => {
    const before = await updates.runs('bazarr', 'BAZARR_PORT')
    const version = await fresh('bazarr', mode)
    const watcher = await begin()
    const held = proxy.hold(moment)
    const {accepted} = await hook.post(digest('bazarr'))
    const id = accepted[0]?.job ?? ''
    await held.reached
    await watcher.kill()
    held.drop()
    await watcher.restart()
    await hook.ready()
    await eventually(async () => !['queued', 'running'].includes((await hook.job(id)).state), {within: 60, what: 'the end of the job'})
    expect((await hook.job(id)).state).toBe(mode === undefined ? 'done' : 'rolled-back')
    const expected = mode === undefined ? {version} : {version: before.version, image: before.image}
    expect(await updates.runs('bazarr', 'BAZARR_PORT')).toMatchObject({...expected, health: 'healthy'})
    await torrent.whole()
  })

  it('two updates of one stack while a cascade is under way: all of it comes to its end', async () => {
    const [one, other] = [await fresh('sonarr'), await fresh('radarr')]
    const cascades = await begin('cascade')
    await cascades.looked()
    await watch({which: 'updates', config: {...SETTINGS, watch: {}}})
    await hook.ready()
    await restartGateway(torrent)
    const answers = await Promise.all([hook.post(digest('sonarr')), hook.post(digest('radarr'))])
    const ids = answers.map(({accepted}) => accepted[0]?.job ?? '')
    for (const id of ids) await eventually(async () => (await hook.job(id)).state === 'done', {within: 60, what: `the end of ${id}`})
    await torrent.whole()
    expect((await updates.runs('sonarr', 'SONARR_PORT')).version).toBe(one)
    expect((await updates.runs('radarr', 'RADARR_PORT')).version).toBe(other)
  })

  it('takes the whole recorded batch, and ignores what is in no stack of this homelab', async () => {
    await begin()
    const batch = readFileSync(new URL('../unit/watch/webhook/payloads/batch.json', import.meta.url), 'utf8')
    const {status, accepted} = await hook.post(batch)
    expect(status).toBe(202)
    expect(accepted.map((one) => one.status)).toEqual(['ignored', 'ignored', 'ignored'])
  })

  it('says no secret of .env anywhere: log, journal, notifications, /jobs, --json, ps', async () => {
    const token = 'a-secret-that-an-image-prints-0123456789'
    await setVariables(lab(), {SONARR_API_KEY: token})
    const override = path.join(lab().home, 'compose', 'torrent.override.yml')
    const document = parseDocument(await readFile(override, 'utf8'))
    document.setIn(['services', 'sonarr', 'healthcheck', 'test'], ['CMD-SHELL', 'echo "401 for /ping?apikey=${SONARR_API_KEY}"; exit 1'])
    await writeFile(override, document.toString())
    hook = await webhookOf(lab())
    const watcher = await begin()
    await fresh('sonarr', 'never-healthy')
    const {summary} = await hook.applied(digest('sonarr'))
    expect(summary).toContain('401 for /ping?apikey=***')
    const env = await readFile(path.join(lab().home, 'compose', '.env'), 'utf8')
    const secrets = env
      .split('\n')
      .filter((line) => /(KEY|TOKEN|SECRET|TOPIC|CLAIM|PASSWORD)=/.test(line))
      .map((line) => line.slice(line.indexOf('=') + 1))
      .filter((value) => value.length >= 8)
    expect(secrets.length).toBeGreaterThanOrEqual(4)
    const outputs = [
      watcher.log(),
      await (await fetch(`${hook.url}/jobs`, {headers: {authorization: hook.authorization}})).text(),
      await (await fetch(`${hook.url}/metrics`, {headers: {authorization: hook.authorization}})).text(),
      JSON.stringify(await torrent.alerts()),
      String((await lab().homelab(['updates', '--json'])).stdout),
      String((await lab().homelab(['history', '--json'])).stdout),
      (await execa('ps', ['axww', '-o', 'args'])).stdout,
      ...(await filesUnder(path.join(lab().home, 'state'))),
    ]
    for (const secret of secrets) for (const output of outputs) expect(output.includes(secret), secret).toBe(false)
  })
})

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true})
  return Promise.all(entries.filter((entry) => entry.isFile()).map((entry) => readFile(path.join(entry.parentPath, entry.name), 'utf8')))
}
