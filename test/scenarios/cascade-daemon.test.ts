import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {afterAll, beforeAll, beforeEach, expect, inject, it} from 'vitest'
import {imageLoader} from '../lab/image-loader.js'
import {createLab, type Lab} from '../lab/lab.js'
import {startNtfy, type NtfyMessage, type NtfyServer} from '../lab/ntfy-server.js'
import {PRIVATE_DAEMON, privateDaemonLacks, startPrivateDaemon, type PrivateDaemon} from '../lab/private-daemon.js'
import {imageMaker} from '../lab/stand-ins.js'
import {ROOT} from '../lab/workshop.js'
import {eventually} from '../support/scenario/eventually.js'
import {restartGateway} from '../support/scenario/faults.js'
import {describeUnless} from '../support/scenario/needs.js'
import {text} from '../support/scenario/outcome.js'
import {hasten, sendTo} from '../support/scenario/settings.js'
import {torrentStack, type Place, type TorrentStack} from '../support/scenario/torrent-stack.js'
import {useWatchers} from '../support/scenario/watcher.js'

/** On a daemon of its own, which may be killed, with messages to a real ntfy that asks for a token. Its operator has stopped bazarr. */
describeUnless(await privateDaemonLacks(), 'a daemon that goes', () => {
  const STOPPED = ['bazarr']
  let folder: string
  let daemon: PrivateDaemon
  let ntfy: NtfyServer
  let lab: Lab
  let torrent: TorrentStack
  let since: number
  let told: number
  const watch = useWatchers(() => lab)

  /** Docker's process numbers and published ports are those of the daemon's own namespaces. */
  const place: Place = {
    namespace: async (pid) => text((await daemon.inNetwork(['readlink', `/proc/${pid}/ns/net`])).stdout),
    ask: async (port) => {
      const asking = `process.stdout.write(await (await fetch('http://127.0.0.1:${port}/', {signal: AbortSignal.timeout(3000)})).text())`
      return text((await daemon.inNetwork([process.execPath, '--input-type=module', '-e', asking])).stdout)
    },
  }
  /** What the operator's phone has got since the test began. */
  const messages = async (): Promise<NtfyMessage[]> => (await ntfy.messages(`lab-${lab.id}`)).slice(told)
  const expectTold = (...titles: RegExp[]): Promise<unknown> =>
    eventually(
      async () => expect((await messages()).map(({title}) => title)).toEqual(titles.map((title) => expect.stringMatching(title) as string)),
      {
        within: 40,
        what: 'what ntfy has',
      },
    )
  const whole = (cascades?: number): Promise<void> =>
    torrent.whole({since, stopped: STOPPED, within: 60, ...(cascades !== undefined && {cascades})})
  /** Which of the dependents Docker brings back by itself is chance: all, some, or none. */
  const wholeByEither = async (): Promise<void> => {
    await whole()
    const cascades = (await torrent.begun(since)).length
    expect(cascades).toBeLessThanOrEqual(1)
    await expectTold(...Array.from({length: cascades}, () => /^Cascade restart successful in/))
  }

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'homelab-ntfy-'))
    ntfy = await startNtfy(ROOT, folder, {auth: true})
    daemon = await startPrivateDaemon(await mkdtemp(path.join(tmpdir(), PRIVATE_DAEMON)))
    lab = await createLab({
      root: ROOT,
      registry: imageLoader(daemon.host),
      makeImage: await imageMaker(inject('busybox')),
      dockerHost: daemon.host,
    })
    torrent = torrentStack(lab, place)
    await Promise.all([hasten(lab), sendTo(lab, ntfy.url, ntfy.token)])
    const up = await lab.homelab(['stack', 'torrent', 'up'])
    expect(up.exitCode, text(up.all)).toBe(0)
    await torrent.docker('stop', torrent.container('bazarr'))
  })

  afterAll(async () => {
    await lab.destroy()
    await daemon.remove()
    await ntfy.stop()
    await rm(folder, {recursive: true, force: true})
  })

  beforeEach(async () => {
    await torrent.restore(STOPPED)
    since = await torrent.mark()
    told = (await ntfy.messages(`lab-${lab.id}`)).length
  })

  it('restarted with SIGTERM, while homelab watch runs', async () => {
    const watcher = await watch()
    await watcher.looked()
    await daemon.stop('SIGTERM')
    await daemon.start()
    await wholeByEither()
  })

  it('killed with SIGKILL and started, while homelab watch runs', async () => {
    const watcher = await watch()
    await watcher.looked()
    await daemon.stop('SIGKILL')
    await daemon.start()
    await whole(1)
    await expectTold(/Cascade restart successful in/)
  })

  it('restarted with SIGTERM, and homelab watch started after it', async () => {
    await daemon.stop('SIGTERM')
    await daemon.start()
    await watch()
    await wholeByEither()
  })

  it('gone with the power of the whole machine, and homelab watch started at the next boot', async () => {
    const watcher = await watch()
    await watcher.looked()
    await watcher.kill()
    await daemon.cutPower()
    await daemon.start()
    await watcher.restart()
    await wholeByEither()
  })

  it('ntfy away and back: what happened meanwhile is told when it is back, once', async () => {
    const watcher = await watch()
    await ntfy.stop()
    await restartGateway(torrent)
    await whole(1)
    await eventually(() => /notifications cannot be delivered/i.test(watcher.log()), {within: 10, what: 'its word'})
    await ntfy.start()
    await expectTold(/Cascade restart successful in/)
    expect(await torrent.alerts()).toEqual([])
    expect((await messages())[0]).toMatchObject({tags: ['white_check_mark'], priority: 3})
  })
})
