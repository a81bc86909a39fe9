import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {eventually} from '../support/scenario/eventually.js'
import {cure, gatewayHealthy, restartGateway, sicken, slowToStop} from '../support/scenario/faults.js'
import {THREE, useLab} from '../support/scenario/lab.js'
import {text} from '../support/scenario/outcome.js'
import {watchStarts, type Starts} from '../support/scenario/starts.js'
import type {TorrentStack} from '../support/scenario/torrent-stack.js'
import {torrentUp} from '../support/scenario/torrent-up.js'
import {startWatcher, type Watcher} from '../support/scenario/watcher.js'

/** One watcher for all of it, as it would be: what it did before must not matter. */
describe('while homelab watch runs', () => {
  const lab = useLab({dependents: THREE})
  let torrent: TorrentStack
  let starts: Starts
  let since: number
  let watcher: Watcher | undefined
  const once = (count = 1): Record<string, number> => Object.fromEntries(THREE.map((service) => [service, count] as const))
  /** How often each dependent was started since the test began. */
  const started = (): Record<string, number> => {
    const {gluetun: _, ...theirs} = starts.counts()
    return theirs
  }
  const triggers = async (): Promise<string[]> =>
    (await torrent.journalSince(since)).flatMap((line) => (line.kind === 'began' ? [line.trigger] : []))
  const verifying = async (): Promise<boolean> =>
    (await torrent.journalSince(since)).some((line) => line.kind === 'planned' && line.steps.some(({action}) => action === 'wait'))

  beforeAll(async () => {
    torrent = await torrentUp(lab())
    watcher = await startWatcher(lab(), {}, (child) => afterAll(() => void child.kill('SIGKILL')))
    starts = await watchStarts(lab())
  })

  afterAll(async () => {
    await starts.close()
    expect(await watcher?.stop('SIGTERM')).toBe(0)
  })

  beforeEach(async () => {
    await torrent.restore()
    since = await torrent.mark()
    starts.clear()
  })

  it('gateway restarted', async () => {
    await restartGateway(torrent)
    await torrent.whole({since, cascades: 1})
    expect(started()).toEqual(once())
    expect(await triggers()).toEqual([expect.stringMatching(/^gluetun (started again at|stopped running)/)])
    const alert = (await torrent.alerts()).at(-1)
    expect(alert?.title).toMatch(/^Cascade restart successful in [\d.]+ s$/)
    expect(alert?.tags).toEqual(['white_check_mark'])
  })

  it('gateway killed, and started by hand', async () => {
    await torrent.docker('kill', torrent.container('gluetun'))
    await torrent.docker('start', torrent.container('gluetun'))
    await torrent.whole({since, cascades: 1})
    expect(started()).toEqual(once())
  })

  it('gateway crashed, and started by Docker', async () => {
    const {Pid} = (await torrent.inspect('gluetun')).State
    // 0 would be this very process group.
    expect(Pid).toBeGreaterThan(1)
    process.kill(Pid, 'SIGKILL')
    await torrent.whole({since, cascades: 1})
    expect(started()).toEqual(once())
  })

  it('gateway stopped, its dependents parked, and started', async () => {
    await torrent.docker('stop', torrent.container('gluetun'))
    await eventually(async () => expect((await torrent.state.memory()).parked).toHaveLength(THREE.length), {within: 20})
    await eventually(async () => expect(await running()).toEqual([]), {within: 20})
    await torrent.docker('start', torrent.container('gluetun'))
    await torrent.whole({since, cascades: 1})
    expect(started()).toEqual(once())
  })

  it('gateway recreated', async () => {
    await torrent.compose('up', '--detach', '--force-recreate', '--no-deps', 'gluetun')
    await torrent.whole({since, cascades: 1})
    expect(started()).toEqual(once())
    expect((await torrent.journalSince(since)).filter((line) => line.kind === 'step' && line.action === 'replace')).toHaveLength(
      THREE.length,
    )
  })

  it('gateway removed, and recreated', async () => {
    await torrent.docker('rm', '--force', torrent.container('gluetun'))
    await eventually(async () => expect((await torrent.state.memory()).parked).toHaveLength(THREE.length), {within: 20})
    await torrent.compose('up', '--detach', '--no-deps', 'gluetun')
    await torrent.whole({since, cascades: 1})
    expect(started()).toEqual(once())
  })

  it('gateway’s image updated by homelab: no cascade of its own', async () => {
    await lab().push('gluetun', {version: '2.0.0'})
    const update = await lab().homelab(['stack', 'torrent', 'update', 'gluetun'])
    expect(update.exitCode, text(update.all)).toBe(0)
    expect(text(update.stdout)).toContain('1.0.0 → 2.0.0')
    await torrent.whole({since, cascades: 0})
    expect(await torrent.begun(since, 'update')).toHaveLength(1)
    expect(started()).toEqual(once())
  })

  it('gateway’s image updated behind homelab’s back', async () => {
    await lab().push('gluetun', {version: '3.0.0'})
    await torrent.compose('pull', '--quiet', 'gluetun')
    await torrent.compose('up', '--detach', 'gluetun')
    await torrent.whole({since, cascades: 1})
    expect(started()).toEqual(once())
  })

  it('gateway that reconnects inside, unhealthy and healthy again in the same start: nothing is done', async () => {
    await sicken(torrent, 'gluetun')
    await eventually(async () => (await torrent.inspect('gluetun')).State.Health?.Status === 'unhealthy', {within: 15})
    const moment = performance.now()
    await cure(torrent, 'gluetun')
    await gatewayHealthy(torrent)
    await watcher?.looked(moment)
    await torrent.whole({since, cascades: 0})
    expect(started()).toEqual({})
  })

  it('two restarts 1 s apart: one cascade', async () => {
    await restartGateway(torrent)
    await sleep(1000)
    await restartGateway(torrent)
    await torrent.whole({since, cascades: 1})
  })

  it('two restarts 10 s apart', async () => {
    await restartGateway(torrent)
    await sleep(10_000)
    await restartGateway(torrent)
    await torrent.whole({since})
    expect((await torrent.begun(since)).length).toBeLessThanOrEqual(2)
  })

  it('a restart right at the end of a cascade: another one', async () => {
    await restartGateway(torrent)
    await eventually(async () => (await torrent.journalSince(since)).some(({kind}) => kind === 'ended'), {within: 30})
    await restartGateway(torrent)
    await torrent.whole({since, cascades: 2})
    expect(started()).toEqual(once(2))
  })

  it('a restart in the middle of a cascade, while dependents are being stopped', async () => {
    await slowToStop(torrent, ['sonarr', 'radarr'], 3)
    starts.clear()
    await restartGateway(torrent)
    await eventually(async () => (await torrent.state.memory()).parked.length === THREE.length, {within: 20})
    await restartGateway(torrent)
    await torrent.whole({since, cascades: 1})
    expect(started()).toEqual(once())
    await slowToStop(torrent, ['sonarr', 'radarr'], 0)
  })

  it('a restart in the middle of a cascade, while it is verified', async () => {
    await sicken(torrent, 'sonarr')
    await restartGateway(torrent)
    await eventually(verifying, {within: 20})
    await restartGateway(torrent)
    // While it is stopped nobody can be told anything in it.
    await eventually(async () => (await cure(torrent, 'sonarr')) === '', {within: 20, what: 'a cured sonarr'})
    await torrent.whole({since, cascades: 1})
    expect(started()).toEqual(once(2))
  })

  it('a service that its operator stopped before stays stopped, also when the gateway is recreated', async () => {
    await torrent.docker('stop', torrent.container('bazarr'))
    await restartGateway(torrent)
    await torrent.whole({since, cascades: 1, stopped: ['bazarr']})
    await torrent.compose('up', '--detach', '--force-recreate', '--no-deps', 'gluetun')
    await torrent.whole({since, cascades: 2, stopped: ['bazarr']})
    expect(started()).toEqual({...once(2), bazarr: undefined})
    const up = await lab().homelab(['stack', 'torrent', 'up'])
    expect(up.exitCode, text(up.all)).toBe(0)
    await torrent.whole()
  })

  const running = async (): Promise<string[]> => {
    const states = await Promise.all(THREE.map((service) => torrent.inspect(service)))
    return states.filter(({State}) => State.Status === 'running').map(({Name}) => Name)
  }
})
