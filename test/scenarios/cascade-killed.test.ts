import {readFileSync} from 'node:fs'
import {readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {childrenOf} from '../support/scenario/children.js'
import {startDockerProxy, type DockerProxy} from '../support/scenario/docker-proxy.js'
import {eventually} from '../support/scenario/eventually.js'
import {cure, gatewayHealthy, restartGateway, sicken} from '../support/scenario/faults.js'
import {THREE, useLab} from '../support/scenario/lab.js'
import {watchStarts, type Starts} from '../support/scenario/starts.js'
import type {TorrentStack} from '../support/scenario/torrent-stack.js'
import {torrentUp} from '../support/scenario/torrent-up.js'
import {useWatchers, type Watcher} from '../support/scenario/watcher.js'
import {halfRecreated} from '../support/scenario/world.js'

/** Its operator has stopped bazarr, and nothing of all this may bring it up. */
const STOPPED = ['bazarr']
const DEPENDENTS = [...THREE, 'prowlarr'] as const
const OTHERS = DEPENDENTS.filter((service) => !STOPPED.includes(service))

/** `docker` is asked through a proxy, which holds a request: so each kill comes at exactly the moment that is meant. */
describe('the watcher killed by SIGKILL, and started again', () => {
  const lab = useLab({dependents: DEPENDENTS})
  const watch = useWatchers(lab)
  let torrent: TorrentStack
  let proxy: DockerProxy
  let starts: Starts
  let since: number

  const begin = (): Promise<Watcher> => watch({env: {DOCKER_HOST: proxy.host}})
  const stopping = (question: string): boolean => /^POST \/containers\/\w+\/stop$/.test(question)
  const starting = (question: string): boolean => /^POST \/containers\/\w+\/start$/.test(question)
  const creating = (question: string): boolean => question === 'POST /containers/create'
  const after = (count: number, matches: (question: string) => boolean) => {
    let seen = 0
    return (question: string): boolean => matches(question) && ++seen > count
  }
  const parked = async (): Promise<string[]> => (await torrent.state.memory()).parked.map(({service}) => service).toSorted()
  const verifying = async (): Promise<boolean> =>
    (await torrent.journalSince(since)).some((line) => line.kind === 'planned' && line.steps.some(({action}) => action === 'wait'))
  const recreateGateway = (): Promise<unknown> => torrent.compose('up', '--detach', '--force-recreate', '--no-deps', 'gluetun')

  /** Kills it when such a request has come, which goes nowhere any more. */
  const killAt = async (
    watcher: Watcher,
    matches: (question: string) => boolean,
    damage: () => Promise<unknown>,
    {withCompose = false} = {},
  ): Promise<void> => {
    const held = proxy.hold(matches)
    await damage()
    await held.reached
    const children = withCompose ? await childrenOf(watcher.pid) : []
    await watcher.kill()
    for (const child of children) process.kill(child, 'SIGKILL')
    held.drop()
  }

  /** Whole, and nothing twice: one operation, one start of each. */
  const expectMended = async (watcher: Watcher, count = 1): Promise<void> => {
    await watcher.restart()
    await torrent.whole({since, cascades: 1, stopped: STOPPED})
    const {gluetun: _, ...theirs} = starts.counts()
    expect(theirs).toEqual(Object.fromEntries(OTHERS.map((service) => [service, count])))
    expect(await halfRecreated(lab().id)).toEqual([])
  }

  beforeAll(async () => {
    torrent = await torrentUp(lab())
    await torrent.docker('stop', torrent.container('bazarr'))
    proxy = await startDockerProxy()
    starts = await watchStarts(lab())
  })

  afterAll(async () => {
    await proxy.close()
    await starts.close()
  })

  beforeEach(async () => {
    proxy.mend()
    await torrent.restore(STOPPED)
    since = await torrent.mark()
    starts.clear()
  })

  it('after the parked are written down, before the first is stopped', async () => {
    const watcher = await begin()
    await killAt(watcher, stopping, () => restartGateway(torrent))
    expect(await parked()).toEqual(OTHERS.toSorted())
    await expectMended(watcher)
  })

  it('in the middle of the stops', async () => {
    const watcher = await begin()
    await killAt(watcher, after(1, stopping), () => restartGateway(torrent))
    expect(await parked()).toEqual(OTHERS.toSorted())
    await expectMended(watcher)
  })

  it('after all stops, while the gateway still starts', async () => {
    const watcher = await begin()
    await sicken(torrent, 'gluetun')
    await restartGateway(torrent)
    await eventually(() => /waiting for the gateway/.test(watcher.log()), {within: 20, what: 'all stopped'})
    await watcher.kill()
    expect(starts.counts()).toEqual({gluetun: 1})
    await cure(torrent, 'gluetun')
    await expectMended(watcher)
  })

  it('while Compose makes new containers, and goes on with it', async () => {
    const watcher = await begin()
    await killAt(watcher, after(1, creating), recreateGateway)
    await expectMended(watcher)
  })

  it('while Compose makes new containers, and with it', async () => {
    const watcher = await begin()
    await killAt(watcher, after(1, creating), recreateGateway, {withCompose: true})
    await expectMended(watcher)
  })

  it('while Compose gives new containers their names', async () => {
    const watcher = await begin()
    await killAt(
      watcher,
      after(1, (question) => /^POST \/containers\/\w+\/rename$/.test(question)),
      recreateGateway,
      {withCompose: true},
    )
    await expectMended(watcher)
  })

  it('after the new containers are made, before the first is started', async () => {
    const watcher = await begin()
    await killAt(watcher, starting, recreateGateway)
    await expectMended(watcher)
  })

  it('in the middle of the starts', async () => {
    const watcher = await begin()
    await killAt(watcher, after(1, starting), () => restartGateway(torrent))
    await expectMended(watcher)
  })

  it('between stop and start of those that it found cut off', async () => {
    await restartGateway(torrent)
    await gatewayHealthy(torrent)
    const held = proxy.hold(starting)
    const watcher = await begin()
    await held.reached
    await watcher.kill()
    held.drop()
    await expectMended(watcher)
  })

  it('while it verifies', async () => {
    const watcher = await begin()
    await sicken(torrent, 'sonarr')
    await restartGateway(torrent)
    await eventually(verifying, {within: 20, what: 'the verification'})
    await watcher.kill()
    await cure(torrent, 'sonarr')
    await expectMended(watcher)
  })

  it('when all is proven, before its end is written down', async () => {
    const watcher = await begin()
    const proven = (): boolean =>
      lines().filter((line) => line.includes('"wait"') && line.includes('"kind":"step"')).length >= OTHERS.length
    await killAt(
      watcher,
      (question) => question === 'GET /containers/json' && proven(),
      () => restartGateway(torrent),
    )
    await expectMended(watcher)
  })

  it('after its end is written down, before it is forgotten', async () => {
    const watcher = await begin()
    await restartGateway(torrent)
    await eventually(verifying, {within: 20, what: 'the verification'})
    const memory = await readFile(torrent.state.memoryFile, 'utf8')
    await torrent.whole({since, cascades: 1, stopped: STOPPED})
    await watcher.kill()
    // The two are a few milliseconds apart: too close for a kill, so the file is put back as it was between them.
    await writeFile(torrent.state.memoryFile, memory)
    await expectMended(watcher)
  })

  const lines = (): string[] =>
    readFileSync(path.join(lab().home, 'state', 'journal.jsonl'), 'utf8')
      .split('\n')
      .slice(since)
})
