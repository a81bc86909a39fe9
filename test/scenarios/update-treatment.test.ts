import {readFile, writeFile} from 'node:fs/promises'
import {once} from 'node:events'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {beforeAll, describe, expect, inject, it, onTestFinished} from 'vitest'
import {freePorts} from '../lab/free-ports.js'
import {keptStack} from '../support/scenario/kept-stack.js'
import {useLab} from '../support/scenario/lab.js'
import {text} from '../support/scenario/outcome.js'
import {writeSettings} from '../support/scenario/settings.js'
import {stateFolder} from '../support/scenario/state-folder.js'
import {updatesOf} from '../support/scenario/updates.js'
import {useWatchers} from '../support/scenario/watcher.js'
import {webhookOf} from '../support/scenario/webhook.js'

/** What the configuration says of one service: copies, commands, a page. Two services keep a database behind /config. */
describe('an update, treated as homelab.yml says', () => {
  const lab = useLab()
  const watch = useWatchers(lab)
  let updates: ReturnType<typeof updatesOf>
  let stack: Awaited<ReturnType<typeof keptStack>>
  const outbox = () => stateFolder(lab()).outbox()
  const settings = (services: Record<string, unknown>) => ({updates: {gate: {running: 2, healthyFor: 0}, services}, timeouts: {healthy: 6}})
  const update = async (services: Record<string, unknown>, ...args: string[]) => {
    await writeSettings(lab(), settings(services))
    const {exitCode, stdout} = await lab().homelab(['stack', 'kept', 'update', ...args])
    return {code: exitCode, said: text(stdout)}
  }

  beforeAll(async () => {
    const image = `${inject('registry')}/${lab().id}/bazarr:latest`
    const plain = `  bazarr:\n    image: ${image}\n    restart: unless-stopped\n    stop_grace_period: 2s\n    labels: {io.homelab.lab: "${lab().id}"}\n`
    stack = await keptStack(lab(), inject('registry'), {sonarr: 8989, radarr: 7878}, plain)
    updates = updatesOf(lab(), 'kept')
  })

  it('backup: what goes back gets the configuration back that the new version had changed', async () => {
    expect(await stack.database('sonarr')).toBe('1.0.0')
    await lab().push('sonarr', {version: '2.0.0', mode: 'never-healthy'})
    const {code, said} = await update({'kept/sonarr': {backup: true}}, 'sonarr')
    expect(code, said).toBe(3)
    expect(said).toMatch(/copy the configuration of sonarr: done/)
    expect(said).toMatch(/put back the configuration of sonarr: done/)
    expect(await stack.database('sonarr')).toBe('1.0.0')
    expect([await stack.version('sonarr'), await stack.healthy('sonarr')]).toEqual(['1.0.0', 'healthy'])
    await updates.expectClosed()
  })

  it('backup: what passes keeps what the new version wrote', async () => {
    await lab().push('sonarr', {version: '2.1.0'})
    const {code, said} = await update({'kept/sonarr': {backup: true}}, 'sonarr')
    expect(code, said).toBe(0)
    expect([await stack.version('sonarr'), await stack.database('sonarr')]).toEqual(['2.1.0', '2.1.0'])
  })

  it('without a backup an old version cannot read the new database: it says so, with the commands for a person; 🚨', async () => {
    const hook = await webhookOf(lab())
    const watcher = await watch({which: 'updates', config: {...settings({}), updates: {...settings({}).updates, batch: 0}}})
    await lab().push('radarr', {version: '2.0.0', mode: 'never-healthy'})
    const job = await hook.applied({container: stack.container('radarr')})
    expect(job).toMatchObject({
      state: 'failed',
      summary: expect.stringMatching(/^neither the new image nor the old one runs well: /) as string,
    })
    expect(watcher.log()).toContain('radarr goes back without a copy of its configuration')
    await expect.poll(async () => (await outbox()).at(-1)?.tags, {timeout: 10_000}).toEqual(['rotating_light'])
    expect((await outbox()).at(-1)?.message).toMatch(/docker tag sha256:[0-9a-f]{64} \S+\/radarr:latest[^]*homelab stack kept up radarr/)
    // As its operator would, from a copy of his own.
    await writeFile(stack.file('configs/radarr/database'), '1.0.0\n')
    const up = await lab().homelab(['stack', 'kept', 'up', 'radarr'])
    expect(up.exitCode, text(up.all)).toBe(0)
    expect([await stack.version('radarr'), await stack.healthy('radarr')], text(up.all)).toEqual(['1.0.0', 'healthy'])
  })

  it('without a health check: it has to run for a while without a restart', async () => {
    await lab().push('bazarr', {version: '2.0.0', mode: 'crashes'})
    await writeSettings(lab(), {updates: {gate: {running: 6, healthyFor: 0}}, timeouts: {healthy: 20}})
    const bad = await lab().homelab(['stack', 'kept', 'update', 'bazarr'])
    expect(bad.exitCode, text(bad.all)).toBe(3)
    expect(await stack.version('bazarr')).toBe('1.0.0')
    await lab().push('bazarr', {version: '2.0.1'})
    const began = performance.now()
    const good = await lab().homelab(['stack', 'kept', 'update', 'bazarr'])
    expect(good.exitCode, text(good.all)).toBe(0)
    expect(performance.now() - began).toBeGreaterThan(6_000)
    expect(await stack.version('bazarr')).toBe('2.0.1')
  })

  it('hooks: both run, with what they concern in their environment', async () => {
    await lab().push('sonarr', {version: '2.2.0'})
    const script = (name: string): string[] => ['/bin/sh', '-c', `env > ${stack.file(name)}`]
    const {code, said} = await update({'kept/sonarr': {before: script('before'), after: script('after')}}, 'sonarr')
    expect(code, said).toBe(0)
    for (const name of ['before', 'after']) {
      const env = await readFile(stack.file(name), 'utf8')
      expect(env).toMatch(/^HOMELAB_STACK=kept$/m)
      expect(env).toMatch(/^HOMELAB_SERVICE=sonarr$/m)
      expect(env).not.toMatch(/TOKEN|KEY/)
    }
  })

  it('hooks: one that fails before, or takes too long, leaves the service as it is', async () => {
    const before = await updates.runs('sonarr')
    await lab().push('sonarr', {version: '2.3.0'})
    const failing = await update({'kept/sonarr': {before: ['/bin/false']}}, 'sonarr')
    expect([failing.code, failing.said]).toEqual([1, expect.stringContaining('The command /bin/false failed: exit code 1.')])
    const slow = await update({'kept/sonarr': {before: ['/bin/sleep', '60'], hookTimeout: 1}}, 'sonarr')
    expect([slow.code, slow.said]).toEqual([1, expect.stringContaining('The command /bin/sleep failed: it was ended after 1 s.')])
    expect(await updates.runs('sonarr')).toEqual(before)
  })

  it('a probe: healthy is not enough, if the page does not answer; and is, if it does', async () => {
    const [none = 0] = await freePorts(1)
    const impatient = settings({'kept/sonarr': {backup: true, probe: `http://127.0.0.1:${none}/`}})
    await writeSettings(lab(), {...impatient, updates: {...impatient.updates, probeTimeout: 2}})
    const back = await lab().homelab(['stack', 'kept', 'update', 'sonarr'])
    expect(back.exitCode, text(back.all)).toBe(3)
    expect(text(back.stdout)).toMatch(/does not answer as it should after 2 s: /)
    expect([await stack.version('sonarr'), await stack.database('sonarr'), await stack.healthy('sonarr')]).toEqual([
      '2.2.0',
      '2.2.0',
      'healthy',
    ])
    const server = createServer((_, response) => response.end('here')).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const {port} = server.address() as AddressInfo
    await writeSettings(lab(), settings({'kept/sonarr': {probe: `http://127.0.0.1:${port}/`}}))
    const good = await lab().homelab(['stack', 'kept', 'update', 'sonarr', '--retry-rejected'])
    expect(good.exitCode, text(good.all)).toBe(0)
    expect(await stack.version('sonarr')).toBe('2.3.0')
  })
})
