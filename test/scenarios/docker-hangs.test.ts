import {mkdtemp, readdir, readlink} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, expect, inject, it} from 'vitest'
import {createLab, type Lab} from '../lab/lab.js'
import {PRIVATE_DAEMON, privateDaemonLacks, startPrivateDaemon, type PrivateDaemon} from '../lab/private-daemon.js'
import {knownRegistry} from '../lab/registry.js'
import {imageMaker} from '../lab/stand-ins.js'
import {ROOT} from '../lab/workshop.js'
import {eventually} from '../support/scenario/eventually.js'
import {describeUnless} from '../support/scenario/needs.js'
import {text} from '../support/scenario/outcome.js'
import {registryFor} from '../support/scenario/registry-relay.js'
import {hasten, NOBODY, sendTo} from '../support/scenario/settings.js'
import {useWatchers} from '../support/scenario/watcher.js'

/** Seconds that nothing may take: before, it was 50 to 67. Told within ten it is by the words; a machine that is busy with other tests takes some to begin. */
const TWICE_S = 30

/** A real dockerd that is stopped by SIGSTOP: it accepts every connection, and answers none. */
describeUnless(await privateDaemonLacks(), 'a Docker that hangs', () => {
  let daemon: PrivateDaemon
  let lab: Lab
  let relay: Awaited<ReturnType<typeof registryFor>>
  const watch = useWatchers(() => lab)

  beforeAll(async () => {
    const folder = await mkdtemp(path.join(tmpdir(), PRIVATE_DAEMON))
    daemon = await startPrivateDaemon(folder)
    relay = await registryFor(daemon, folder, knownRegistry(inject('registry')))
    const makeImage = await imageMaker(inject('busybox'))
    lab = await createLab({root: ROOT, registry: relay.registry, makeImage, dockerHost: daemon.host, dependents: ['sonarr']})
    await Promise.all([hasten(lab), sendTo(lab, NOBODY)])
    const up = await lab.homelab(['stack', 'torrent', 'up'])
    expect(up.exitCode, text(up.all)).toBe(0)
  })

  afterAll(async () => {
    await daemon.goOn()
    await lab.destroy()
    relay.close()
    await daemon.remove()
  })

  it.each(['stack torrent status', 'stack all status', 'updates', 'doctor', 'vpn status', 'health', 'cascade --dry-run'])(
    '%s: says so within 10 s, exit 1',
    async (command) => {
      daemon.hang()
      const began = performance.now()
      const {exitCode, all} = await lab.homelab(command.split(' '))
      await daemon.goOn()
      expect(text(all)).toMatch(/Docker (has not answered for|does not answer within) \d s\.[^]*systemctl status docker/)
      expect(exitCode).toBe(1)
      expect((performance.now() - began) / 1000).toBeLessThan(TWICE_S)
    },
  )

  it('watch keeps no connection that is not answered, and goes on by itself', async () => {
    const watcher = await watch({which: 'all', config: {watch: {resync: 5}}})
    await watcher.looked()
    const before = await sockets(watcher.pid)
    daemon.hang()
    const counts: number[] = []
    try {
      await eventually(() => /Docker has not answered for \d+ s/.test(watcher.log()), {within: 60, what: 'a line of the watcher'})
      for (let looks = 0; looks < 25; looks++) {
        counts.push(await sockets(watcher.pid))
        await sleep(1_000)
      }
    } finally {
      await daemon.goOn()
    }
    // A question and its ping for each stack and each watcher, at most.
    expect(Math.max(...counts), `${before} before; ${counts.join(' ')}`).toBeLessThan(before + 12)
    const moment = performance.now()
    await watcher.looked(moment)
    await eventually(() => /over after \d+ s/.test(watcher.log()), {within: 30, what: 'a line of the watcher'})
  })
})

async function sockets(pid: number): Promise<number> {
  const names = await readdir(`/proc/${pid}/fd`)
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')))
  return links.filter((link) => link.startsWith('socket:')).length
}
