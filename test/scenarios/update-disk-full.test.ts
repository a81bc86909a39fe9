import {mkdtemp, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {afterAll, beforeAll, expect, inject, it} from 'vitest'
import {createLab, type Lab} from '../lab/lab.js'
import {PRIVATE_DAEMON, privateDaemonLacks, startPrivateDaemon, type PrivateDaemon} from '../lab/private-daemon.js'
import {knownRegistry} from '../lab/registry.js'
import {imageMaker} from '../lab/stand-ins.js'
import {ROOT} from '../lab/workshop.js'
import {miniService, miniStack} from '../support/scenario/homes.js'
import {describeUnless} from '../support/scenario/needs.js'
import {text} from '../support/scenario/outcome.js'
import {registryFor} from '../support/scenario/registry-relay.js'
import {NOBODY, sendTo} from '../support/scenario/settings.js'
import {useWatchers} from '../support/scenario/watcher.js'
import {webhookOf} from '../support/scenario/webhook.js'

const MB = 1_000_000

/** On a daemon of its own, whose images have a small disk to themselves. */
describeUnless(await privateDaemonLacks(), 'an update whose image has no room', () => {
  let daemon: PrivateDaemon
  let lab: Lab
  let relay: Awaited<ReturnType<typeof registryFor>>
  const watch = useWatchers(() => lab)
  const runs = async (): Promise<string> =>
    lab.docker('inspect', '--format', '{{.Image}} {{.State.Health.Status}} {{.State.StartedAt}}', lab.container('full', 'sonarr'))
  const free = async (): Promise<number> =>
    Number(
      text((await daemon.inNetwork(['df', '--output=avail', '-B1', daemon.disk])).stdout)
        .split('\n')
        .at(-1),
    )

  beforeAll(async () => {
    const folder = await mkdtemp(path.join(tmpdir(), PRIVATE_DAEMON))
    daemon = await startPrivateDaemon(folder, {room: 60 * MB})
    relay = await registryFor(daemon, folder, knownRegistry(inject('registry')))
    lab = await createLab({root: ROOT, registry: relay.registry, makeImage: await imageMaker(inject('busybox')), dockerHost: daemon.host})
    await sendTo(lab, NOBODY)
    const service = miniService({image: `${relay.registry.host}/${lab.id}/sonarr:latest`, lab: lab.id, port: 8989})
    await writeFile(path.join(lab.home, 'compose', 'full.yml'), miniStack(`${lab.id}-full`, {sonarr: service}))
    const up = await lab.homelab(['stack', 'full', 'up'])
    expect(up.exitCode, text(up.all)).toBe(0)
  })

  afterAll(async () => {
    await lab.destroy()
    relay.close()
    await daemon.remove()
  })

  it('by hand: says so with a next step, exit 1; the old version runs on, and its room is given back', async () => {
    const [before, room] = [await runs(), await free()]
    await lab.push('sonarr', {version: '2.0.0', ballast: 80 * MB})
    const update = await lab.homelab(['stack', 'full', 'update'])
    expect(update.exitCode, text(update.all)).toBe(1)
    expect(text(update.stdout)).toMatch(/✗ pull sonarr: The disk is full/)
    expect(text(update.stdout)).toMatch(/docker system df|docker image prune/)
    expect(await runs()).toBe(before)
    expect(await free()).toBeGreaterThan(room - 5 * MB)
  })

  it('by webhook: the job has failed and says why; with a smaller image the next one passes', async () => {
    const before = await runs()
    const hook = await webhookOf(lab)
    await watch({which: 'updates', config: {updates: {batch: 1, pull: {attempts: 1, backoff: 1}}}})
    const job = await hook.applied({container: lab.container('full', 'sonarr')})
    expect(job).toMatchObject({
      state: 'failed',
      summary: expect.stringMatching(/^not updated, 1\.0\.0 runs on: The disk is full/) as string,
    })
    expect(await runs()).toBe(before)
    await lab.push('sonarr', {version: '2.0.1'})
    expect(await hook.applied({container: lab.container('full', 'sonarr')})).toMatchObject({state: 'done', summary: '1.0.0 → 2.0.1'})
  })
})
