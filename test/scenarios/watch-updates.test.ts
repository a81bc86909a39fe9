import {afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import type {UpdatesJson} from '../../src/lib/ui/updates.js'
import {eventually} from '../support/scenario/eventually.js'
import {useLab} from '../support/scenario/lab.js'
import {text} from '../support/scenario/outcome.js'
import {setVariables, variableOf, type Settings} from '../support/scenario/settings.js'
import type {TorrentStack} from '../support/scenario/torrent-stack.js'
import {torrentUp} from '../support/scenario/torrent-up.js'
import {updatesOf} from '../support/scenario/updates.js'
import {useWatchers, type Watcher} from '../support/scenario/watcher.js'
import {recorded, webhookOf} from '../support/scenario/webhook.js'

const SETTINGS: Settings = {updates: {batch: 1, gate: {running: 2, healthyFor: 1}}, timeouts: {healthy: 8}}

describe('homelab watch updates', () => {
  const lab = useLab({dependents: ['sonarr', 'radarr', 'bazarr', 'prowlarr']})
  const watch = useWatchers(lab)
  let torrent: TorrentStack
  let updates: ReturnType<typeof updatesOf>
  let hook: Awaited<ReturnType<typeof webhookOf>>
  let alerted: number
  const titles = async (): Promise<string[]> => (await torrent.alerts()).slice(alerted).map(({title}) => title)
  const told = (title: string): Promise<unknown> =>
    eventually(async () => expect(await titles()).toEqual([title]), {within: 20, what: 'one message'})
  const digest = (service: string): unknown =>
    recorded('simple-digest', lab(), 'torrent', service, {result: {tag: 'latest'}, updateKind: {kind: 'digest'}})
  const begin = async (more: Record<string, unknown> = {}): Promise<Watcher> => {
    const watcher = await watch({which: 'updates', config: {...SETTINGS, updates: {...SETTINGS.updates, ...more}}})
    await hook.ready()
    return watcher
  }

  beforeAll(async () => {
    torrent = await torrentUp(lab())
    updates = updatesOf(lab())
  })

  beforeEach(async () => {
    hook = await webhookOf(lab())
    alerted = (await torrent.alerts()).length
  })

  afterEach(() => updates.expectClosed())

  it('applies what What’s Up Docker posts, by digest, and tells so', async () => {
    await begin()
    await lab().push('sonarr', {version: '2.0.0'})
    expect(await hook.applied(digest('sonarr'))).toMatchObject({state: 'done', summary: '1.0.0 → 2.0.0'})
    expect(await updates.runs('sonarr', 'SONARR_PORT')).toMatchObject({version: '2.0.0', health: 'healthy'})
    await told(`Successfully updated ${lab().container('torrent', 'sonarr')}`)
  })

  it('applies a tag that may be older only when it is approved: it is pinned, and every later command keeps to it', async () => {
    await begin()
    await Promise.all(['2.15.1', '0.9'].map((version) => lab().push('radarr', {version, tag: version})))
    const waits = `Update of ${lab().container('torrent', 'radarr')} needs your approval`
    await hook.post(recorded('simple-tag-minor', lab(), 'torrent', 'radarr'))
    await told(waits)
    expect(await updates.runs('radarr', 'RADARR_PORT')).toMatchObject({version: '1.0.0', health: 'healthy'})
    const listed = await lab().homelab(['updates', '--json'])
    expect((JSON.parse(text(listed.stdout)) as UpdatesJson).services).toContainEqual(
      expect.objectContaining({
        service: 'radarr',
        is: 'held',
        newer: '2.15.1',
        reason: 'needs your approval: 2.15.1 cannot be compared with latest, and may be older',
      }),
    )
    const applied = await lab().homelab(['updates', 'apply', 'radarr'])
    expect(applied.exitCode, text(applied.all)).toBe(0)
    expect(await updates.runs('radarr', 'RADARR_PORT')).toMatchObject({version: '2.15.1', health: 'healthy'})
    expect(await updates.reference('radarr')).toMatch(/\/radarr:2\.15\.1$/)
    const {accepted} = await hook.post({container: lab().container('torrent', 'radarr'), tag: '0.9'})
    await eventually(async () => expect(await titles()).toEqual([waits, waits]), {within: 20, what: 'a second message'})
    expect(await hook.job(accepted[0]?.job ?? '')).toMatchObject({state: 'queued'})
    const up = await lab().homelab(['stack', 'torrent', 'up'])
    expect(text(up.stdout)).toContain('nothing to do')
    const back = await lab().homelab(['stack', 'torrent', 'rollback', 'radarr'])
    expect(back.exitCode, text(back.all)).toBe(0)
    expect(await updates.runs('radarr', 'RADARR_PORT')).toMatchObject({version: '1.0.0', health: 'healthy'})
  })

  it('takes back what never gets healthy, and does nothing but log when it is posted again', async () => {
    const watcher = await begin()
    const before = await updates.runs('bazarr')
    await lab().push('bazarr', {version: '6.6.6', mode: 'never-healthy'})
    const job = await hook.applied({container: lab().container('torrent', 'bazarr')})
    expect(job).toMatchObject({state: 'rolled-back'})
    expect(job.summary).toMatch(/^rolled back to 1\.0\.0: bazarr is not healthy after 8 s/)
    expect(await updates.runs('bazarr', 'BAZARR_PORT')).toMatchObject({image: before.image, health: 'healthy'})
    await told(`Failed to update ${lab().container('torrent', 'bazarr')}`)
    const [alert] = (await torrent.alerts()).slice(alerted)
    expect(alert?.message).toContain('stand-in for bazarr, version 6.6.6')
    const container = await updates.runs('bazarr')
    const again = await hook.applied({container: lab().container('torrent', 'bazarr')})
    expect(again.state).toBe('rejected')
    expect(await updates.runs('bazarr')).toEqual(container)
    expect(watcher.log()).toContain('rolled back')
    expect(await titles()).toHaveLength(1)
  })

  it('takes back what is healthy, and crashes within the gate', async () => {
    await begin({gate: {running: 2, healthyFor: 6}})
    await lab().push('prowlarr', {version: '6.6.6', mode: 'crashes'})
    expect(await hook.applied(digest('prowlarr'))).toMatchObject({state: 'rolled-back'})
    expect(await updates.runs('prowlarr', 'PROWLARR_PORT')).toMatchObject({version: '1.0.0', health: 'healthy'})
  })

  it('brings to its end what a kill left in the middle, and does it once', async () => {
    const watcher = await begin()
    await lab().push('sonarr', {version: '2.1.0'})
    await hook.ready()
    const {accepted} = await hook.post(digest('sonarr'))
    const id = accepted[0]?.job ?? ''
    await eventually(async () => (await hook.job(id)).state === 'running', {within: 10, what: 'a job that runs'})
    await watcher.kill()
    await watcher.restart()
    await hook.ready()
    await eventually(async () => (await hook.job(id)).state === 'done', {within: 40, what: 'the end of the job'})
    expect(await updates.runs('sonarr', 'SONARR_PORT')).toMatchObject({version: '2.1.0', health: 'healthy'})
  })

  it('keeps all of 200 posts at once, and does the work once', async () => {
    await begin()
    await lab().push('sonarr', {version: '2.2.0'})
    const before = await updates.runs('sonarr')
    const answers = await Promise.all(Array.from({length: 200}, () => hook.post(digest('sonarr'))))
    expect(new Set(answers.map(({status}) => status))).toEqual(new Set([202]))
    await eventually(async () => (await updates.runs('sonarr', 'SONARR_PORT')).version === '2.2.0', {within: 40, what: 'the new version'})
    expect((await updates.runs('sonarr')).container).not.toBe(before.container)
    // Another service's may wait for its operator.
    const working = async (): Promise<boolean> =>
      (await Promise.all([hook.jobs('running'), hook.jobs('queued')])).flat().some(({service}) => service === 'sonarr')
    await eventually(async () => !(await working()), {within: 40, what: 'the end of the jobs'})
    const jobs = new Set(answers.flatMap(({accepted}) => accepted.flatMap(({job}) => job ?? [])))
    expect(jobs.size).toBeLessThan(20)
  })

  it('takes a token and a port that change in .env without a restart, and keeps both while .env is broken', async () => {
    const watcher = await begin()
    const [before, token] = [hook, await variableOf(lab(), 'WUD_WEBHOOK_TOKEN')]
    const jobs = async (url: string, secret: string): Promise<number> =>
      (await fetch(`${url}/jobs`, {headers: {authorization: `Bearer ${secret}`}})).status
    await setVariables(lab(), {WUD_WEBHOOK_PORT: 'none'})
    await eventually(() => watcher.log().includes('so what it said before still holds'), {within: 30, what: 'a line about .env'})
    expect(await jobs(before.url, token)).toBe(200)
    await setVariables(lab(), {WUD_WEBHOOK_TOKEN: 'anothertokenofthetest'})
    const now = await webhookOf(lab())
    await now.ready()
    expect([await jobs(now.url, 'anothertokenofthetest'), await jobs(now.url, token)]).toEqual([200, 401])
    await expect(jobs(before.url, token)).rejects.toThrow('fetch failed')
    await setVariables(lab(), {WUD_WEBHOOK_TOKEN: token})
  })

  it('ends with 0 on SIGTERM', async () => {
    const watcher = await begin()
    expect(await watcher.stop('SIGTERM')).toBe(0)
  })
})
