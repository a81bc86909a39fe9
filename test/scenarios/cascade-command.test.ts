import {rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {eventually} from '../support/scenario/eventually.js'
import {cure, gatewayHealthy, restartGateway, sicken, slowToStop} from '../support/scenario/faults.js'
import {fingerprint} from '../support/scenario/docker.js'
import {THREE, useLab} from '../support/scenario/lab.js'
import {text} from '../support/scenario/outcome.js'
import {writeSettings} from '../support/scenario/settings.js'
import type {TorrentStack} from '../support/scenario/torrent-stack.js'
import {torrentUp} from '../support/scenario/torrent-up.js'
import {useWatchers} from '../support/scenario/watcher.js'

type StepJson = {stage: number; action: string; target: string; reason: string; result?: string}
type CascadeJson = {stacks: {stack: string; dryRun: boolean; state: string; trigger?: string; steps: StepJson[]}[]}

describe('homelab cascade, without a watcher', () => {
  const lab = useLab({dependents: THREE})
  const watch = useWatchers(lab)
  let torrent: TorrentStack
  let since: number
  const cascade = (...args: string[]) => lab().homelab(['cascade', ...args])
  const jsonOf = (output: unknown): CascadeJson['stacks'][number] => (JSON.parse(text(output)) as CascadeJson).stacks[0]!
  const words = (steps: readonly StepJson[]): string[] => steps.map(({action, target}) => `${action} ${target}`)
  /** All that a dry run must not change. */
  const world = async (): Promise<unknown> => [await fingerprint(lab().id), await torrent.state.memory(), await torrent.mark()]

  beforeAll(async () => {
    await writeSettings(lab())
    torrent = await torrentUp(lab())
  })

  beforeEach(async () => {
    await torrent.restore()
    since = await torrent.mark()
  })

  /** Prints the plan, changes nothing; then does it, and that is what was printed. */
  const expectForetold = async (meanwhile: () => Promise<unknown> = async () => undefined): Promise<StepJson[]> => {
    const before = await world()
    const shown = await cascade('--dry-run')
    expect(shown.exitCode, text(shown.all)).toBe(0)
    const foretold = jsonOf((await cascade('--dry-run', '--json')).stdout)
    expect(foretold).toMatchObject({stack: 'torrent', dryRun: true})
    for (const {target, reason} of foretold.steps) {
      expect(text(shown.stdout)).toContain(target)
      expect(text(shown.stdout)).toContain(reason)
    }
    expect(await world()).toEqual(before)
    const real = cascade('--json')
    await meanwhile()
    const done = await real
    expect(done.exitCode, text(done.all)).toBe(0)
    const {steps, state} = jsonOf(done.stdout)
    expect(state).toBe('whole')
    expect(words(steps)).toEqual(words(foretold.steps))
    expect(steps.every(({result}) => result === 'done')).toBe(true)
    return foretold.steps
  }

  it('finds nothing to do where all is well', async () => {
    const before = await fingerprint(lab().id)
    const result = await cascade()
    expect(result.exitCode, text(result.all)).toBe(0)
    expect(text(result.stdout)).toContain('nothing to do')
    expect(await fingerprint(lab().id)).toEqual(before)
    await torrent.whole({since, cascades: 0})
  })

  it('does to stale dependents what its dry run printed', async () => {
    await restartGateway(torrent)
    await gatewayHealthy(torrent)
    const steps = await expectForetold()
    expect(words(steps).filter((step) => step.startsWith('restart '))).toHaveLength(THREE.length)
    await torrent.whole({since, cascades: 1})
  })

  it('does to orphaned dependents what its dry run printed', async () => {
    await torrent.compose('up', '--detach', '--force-recreate', '--no-deps', 'gluetun')
    await gatewayHealthy(torrent)
    const steps = await expectForetold()
    expect(words(steps).filter((step) => step.startsWith('replace '))).toHaveLength(THREE.length)
    await torrent.whole({since, cascades: 1})
  })

  it('does to dependents whose gateway is away what its dry run printed, when it comes back', async () => {
    await torrent.docker('stop', torrent.container('gluetun'))
    const steps = await expectForetold(async () => {
      await eventually(async () => (await torrent.state.memory()).parked.length === THREE.length, {within: 10, what: 'all parked'})
      await torrent.docker('start', torrent.container('gluetun'))
    })
    expect(words(steps).filter((step) => step.startsWith('stop '))).toHaveLength(THREE.length)
    expect(words(steps).filter((step) => step.startsWith('start '))).toHaveLength(THREE.length)
    await torrent.whole({since, cascades: 1})
  })

  it('ends with 1 behind a gateway that does not get healthy, starts nobody, and ends what is left when it is called again', async () => {
    await writeSettings(lab(), {cascade: {gateway: 2}})
    await sicken(torrent, 'gluetun')
    await restartGateway(torrent)
    const result = await cascade()
    expect(result.exitCode, text(result.all)).toBe(1)
    expect(text(result.stdout)).toContain('the gateway is not healthy')
    const states = await Promise.all(THREE.map(async (service) => (await torrent.inspect(service)).State.Status))
    expect(new Set(states)).toEqual(new Set(['exited']))
    await cure(torrent, 'gluetun')
    await gatewayHealthy(torrent)
    const again = await cascade()
    expect(again.exitCode, text(again.all)).toBe(0)
    await torrent.whole({since, cascades: 1})
    await writeSettings(lab())
  })

  it('leaves out a file that cannot be read, says so, and ends with 1; what is no Compose file is no stack', async () => {
    const folder = path.join(lab().home, 'compose')
    const others = {'torn.yml': 'services:\n  one: [\n', 'dependabot.yml': 'version: 2\nupdates: []\n'}
    for (const [name, content] of Object.entries(others)) await writeFile(path.join(folder, name), content)
    const watcher = await watch()
    try {
      await watcher.looked()
      await eventually(() => /cascade torn: .*torn\.yml/.test(watcher.log()), {within: 20, what: 'a line about the torn one'})
      expect(watcher.log()).not.toContain('dependabot')
      await restartGateway(torrent)
      await torrent.whole({since, cascades: 1})
      expect(await watcher.stop('SIGTERM')).toBe(0)
      const {exitCode, stdout, stderr} = await cascade()
      expect([exitCode, text(stdout)]).toEqual([1, expect.stringContaining('torrent')])
      expect((await cascade('--dry-run')).exitCode).toBe(1)
      expect(text(stderr)).toMatch(/^! torn: left out: The Compose files of torn are wrong: /m)
    } finally {
      for (const name of Object.keys(others)) await rm(path.join(folder, name))
    }
  })

  it('waits for another command on the stack, or ends with 75', async () => {
    await slowToStop(torrent, ['radarr'], 8)
    await restartGateway(torrent)
    await gatewayHealthy(torrent)
    const other = lab().homelab(['stack', 'torrent', 'restart', 'radarr'])
    await eventually(async () => (await torrent.begun(since, 'restart')).length === 1, {within: 10, what: 'the other command'})
    const impatient = await cascade('--wait', '0')
    expect(impatient.exitCode, text(impatient.all)).toBe(75)
    expect(text(impatient.all)).toContain('The stack is busy: homelab stack torrent restart (pid ')
    const patient = await cascade()
    expect(patient.exitCode, text(patient.all)).toBe(0)
    expect((await other).exitCode).toBe(0)
    await torrent.whole({since, cascades: 1})
    await slowToStop(torrent, ['radarr'], 0)
  })

  describe('the watcher', () => {
    it('started after the damage repairs it in one pass', async () => {
      await restartGateway(torrent)
      await gatewayHealthy(torrent)
      await watch()
      await torrent.whole({since, cascades: 1})
      const planned = (await torrent.journalSince(since)).flatMap((line) => (line.kind === 'planned' ? [line.steps] : []))
      expect(planned.map((steps) => new Set(steps.map(({action}) => action)))).toEqual([new Set(['restart']), new Set(['wait'])])
    })

    it('ends with 0 on SIGTERM, at rest', async () => {
      const watcher = await watch()
      expect(await watcher.stop('SIGTERM')).toBe(0)
      expect(watcher.log()).toMatch(/stopped\n/)
    })

    it('ends with 0 on SIGTERM in the middle of a cascade, which the next one continues', async () => {
      await slowToStop(torrent, ['radarr'], 3)
      const watcher = await watch()
      await restartGateway(torrent)
      await eventually(async () => (await torrent.state.memory()).parked.length === THREE.length, {within: 10, what: 'all parked'})
      expect(await watcher.stop('SIGTERM')).toBe(0)
      expect((await torrent.state.memory()).parked).toHaveLength(THREE.length)
      await watcher.restart()
      await torrent.whole({since, cascades: 1})
      await slowToStop(torrent, ['radarr'], 0)
    })

    it('ends at once on a second SIGTERM, and the next one continues', async () => {
      await slowToStop(torrent, ['radarr'], 4)
      const watcher = await watch()
      await restartGateway(torrent)
      await eventually(() => watcher.log().includes('stop sonarr: done'), {within: 10, what: 'the stops'})
      watcher.signal('SIGTERM')
      await eventually(() => watcher.log().includes('Once more ends at once'), {within: 5, what: 'its word'})
      const began = performance.now()
      await watcher.stop('SIGTERM')
      expect(performance.now() - began).toBeLessThan(1000)
      await watcher.restart()
      await torrent.whole({since, cascades: 1})
      await slowToStop(torrent, ['radarr'], 0)
    })
  })

  afterEach(() => writeSettings(lab()))
})
