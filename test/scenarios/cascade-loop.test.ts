import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {eventually} from '../support/scenario/eventually.js'
import {gatewayHealthy, restartGateway} from '../support/scenario/faults.js'
import {THREE, useLab} from '../support/scenario/lab.js'
import {text} from '../support/scenario/outcome.js'
import {writeSettings} from '../support/scenario/settings.js'
import {watchStarts, type Starts} from '../support/scenario/starts.js'
import type {TorrentStack} from '../support/scenario/torrent-stack.js'
import {torrentUp} from '../support/scenario/torrent-up.js'
import {useWatchers} from '../support/scenario/watcher.js'

/** The owner's limit: five cascades within an hour, then a pause of an hour. */
const LIMITS = {cascade: {perHour: 5, pause: 3600}}

/** One story, told in order: each test goes on where the last one ended. */
describe('a restart loop', () => {
  const lab = useLab({dependents: THREE})
  const watch = useWatchers(lab)
  let torrent: TorrentStack
  let starts: Starts
  const loopAlerts = async (): Promise<number> =>
    (await torrent.alerts()).filter(({title}) => title.startsWith('RESTART LOOP DETECTED')).length
  const cascade = (...args: string[]) => lab().homelab(['cascade', ...args])
  const looped = (): Promise<unknown> => eventually(async () => (await torrent.state.memory()).pausedUntil, {within: 20, what: 'the pause'})

  beforeAll(async () => {
    await writeSettings(lab(), LIMITS)
    torrent = await torrentUp(lab())
    starts = await watchStarts(lab())
  })

  afterAll(() => starts.close())

  it('6 restarts within an hour: five cascades, then exactly one alert, also though the watcher is restarted in between', async () => {
    let watcher = await watch({config: LIMITS})
    for (let cascades = 1; cascades <= 5; cascades++) {
      await restartGateway(torrent)
      await torrent.whole({cascades})
      if (cascades !== 3) continue
      expect(await watcher.stop('SIGTERM')).toBe(0)
      watcher = await watcher.restart()
    }
    expect(await loopAlerts()).toBe(0)
    starts.clear()
    await restartGateway(torrent)
    await looped()
    await eventually(async () => (await loopAlerts()) === 1, {within: 10, what: 'the alert'})
    await gatewayHealthy(torrent)
    expect(starts.counts()).toEqual({gluetun: 1})
    const alert = (await torrent.alerts()).at(-1)
    expect(alert).toMatchObject({title: 'RESTART LOOP DETECTED: pausing 1 hour', priority: 5, tags: ['rotating_light']})
    expect(alert?.message).toContain('homelab cascade --resume')
  })

  it('goes on observing while it pauses: a restart more and a new watcher bring no cascade and no other alert', async () => {
    const watcher = await watch({config: LIMITS})
    const phase = async (): Promise<string | undefined> =>
      (await watcher.health()).watchers.find(({name}) => name === 'cascade torrent')?.phase
    await eventually(async () => (await phase()) === 'paused', {within: 10, what: 'a paused watcher'})
    starts.clear()
    await restartGateway(torrent)
    await gatewayHealthy(torrent)
    const again = await watcher.restart()
    await eventually(() => again.log().includes('cascades pause until'), {within: 10, what: 'its word'})
    expect(starts.counts()).toEqual({gluetun: 1})
    expect(await loopAlerts()).toBe(1)
    const status = await lab().homelab(['stack', 'torrent', 'status'])
    expect(status.exitCode).toBe(1)
    expect(text(status.stdout)).toMatch(/✗ +sonarr +cut off/)
  })

  it('homelab cascade does nothing while it pauses, says so and how to go on, and ends with 1', async () => {
    starts.clear()
    const refused = await cascade()
    expect(refused.exitCode, text(refused.all)).toBe(1)
    expect(text(refused.stdout)).toMatch(/not done; cascades pause until [\dT:-]+ UTC/)
    expect(text(refused.stdout)).toContain('homelab cascade --resume')
    expect(starts.counts()).toEqual({})
    const json = JSON.parse(text((await cascade('--json')).stdout)) as {stacks: {state: string; pausedUntil?: string}[]}
    expect(json.stacks[0]).toMatchObject({state: 'paused'})
    expect(Date.parse(json.stacks[0]?.pausedUntil ?? '')).toBeGreaterThan(Date.now() + 3_000_000)
  })

  it('homelab cascade --force repairs once, and the pause goes on', async () => {
    const forced = await cascade('--force')
    expect(forced.exitCode, text(forced.all)).toBe(0)
    await torrent.whole()
    expect((await torrent.state.memory()).pausedUntil).toBeGreaterThan(Date.now())
  })

  it('homelab cascade --resume ends the pause and repairs, and the watcher goes on with it', async () => {
    await restartGateway(torrent)
    await gatewayHealthy(torrent)
    const since = await torrent.mark()
    const resumed = await cascade('--resume')
    expect(resumed.exitCode, text(resumed.all)).toBe(0)
    await torrent.whole({since, cascades: 1})
    expect((await torrent.state.memory()).pausedUntil).toBeUndefined()
    await watch({config: LIMITS})
    await restartGateway(torrent)
    await torrent.whole({since, cascades: 2})
    expect(await loopAlerts()).toBe(1)
  })
})
