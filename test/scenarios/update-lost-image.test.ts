import {mkdtemp, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {afterAll, beforeAll, expect, inject, it} from 'vitest'
import {createLab, type Lab} from '../lab/lab.js'
import {PRIVATE_DAEMON, privateDaemonLacks, startPrivateDaemon, type PrivateDaemon} from '../lab/private-daemon.js'
import {knownRegistry} from '../lab/registry.js'
import {imageMaker} from '../lab/stand-ins.js'
import {ROOT} from '../lab/workshop.js'
import {eventually} from '../support/scenario/eventually.js'
import {miniService, miniStack} from '../support/scenario/homes.js'
import {describeUnless} from '../support/scenario/needs.js'
import {text} from '../support/scenario/outcome.js'
import {registryFor} from '../support/scenario/registry-relay.js'
import {NOBODY, sendTo} from '../support/scenario/settings.js'

const lacking = await privateDaemonLacks()

/**
 * Images are pruned on a daemon of its own, with each store of images. With the containerd store Docker 26.1.5 drops an
 * image when a pull moves its tag, and prunes what has only another name than the one that its container was made from.
 */
for (const store of ['overlay2', 'containerd'] as const) {
  describeUnless(lacking, `the way back of an update, with images in ${store}`, () => {
    let daemon: PrivateDaemon
    let lab: Lab
    let relay: Awaited<ReturnType<typeof registryFor>>
    const image = async (): Promise<string> => lab.docker('inspect', '--format', '{{.Image}}', lab.container('lost', 'sonarr'))
    const health = async (): Promise<string> =>
      lab.docker('inspect', '--format', '{{.State.Health.Status}}', lab.container('lost', 'sonarr'))
    const there = async (id: string): Promise<string> => lab.docker('image', 'inspect', '--format', '{{.Id}}', id).catch(String)
    const kept = async (): Promise<string> => lab.docker('images', '--quiet', `homelab-kept/${lab.id}-lost/sonarr`)
    const prune = async (): Promise<string> => lab.docker('image', 'prune', '--all', '--force')
    const stack = async (...args: string[]) => {
      const {exitCode, all} = await lab.homelab(['stack', 'lost', ...args])
      return {code: exitCode, said: text(all)}
    }

    beforeAll(async () => {
      const folder = await mkdtemp(path.join(tmpdir(), PRIVATE_DAEMON))
      daemon = await startPrivateDaemon(folder, {store})
      relay = await registryFor(daemon, folder, knownRegistry(inject('registry')))
      lab = await createLab({root: ROOT, registry: relay.registry, makeImage: await imageMaker(inject('busybox')), dockerHost: daemon.host})
      await sendTo(lab, NOBODY)
      const reference = `${relay.registry.host}/${lab.id}/sonarr:latest`
      // Compose itself would pull it at each creation.
      const service = miniService({image: reference, lab: lab.id, port: 8989, more: ['pull_policy: always']})
      await writeFile(path.join(lab.home, 'compose', 'lost.yml'), miniStack(`${lab.id}-lost`, {sonarr: service}))
      expect(await stack('up')).toMatchObject({code: 0})
    })

    afterAll(async () => {
      await lab.destroy()
      relay.close()
      await daemon.remove()
    })

    it('a pull keeps the image that runs; pruned all the same, it is had again for the update', async () => {
      const old = await image()
      await lab.push('sonarr', {version: '2.0.0'})
      expect(await stack('pull')).toMatchObject({code: 0})
      expect(await there(old)).toBe(old)
      expect(await kept()).not.toBe('')
      await prune()
      const {code, said} = await stack('update')
      expect(code, said).toBe(0)
      expect(said).toContain('on a new image')
      expect(await image()).not.toBe(old)
      expect(await there(old)).toBe(old)
    })

    it('pruned while the new one is on trial: it runs again', async () => {
      const old = await image()
      await lab.push('sonarr', {version: '6.6.6', mode: 'never-healthy'})
      const updating = stack('update', '--timeout', '6')
      const replaced = eventually(async () => (await image()) !== old, {within: 80, what: 'a container of the new image'})
      const early = updating.then(({said}) => Promise.reject(new Error(`it ended before: ${said}`)))
      await Promise.race([replaced, early])
      early.catch(() => undefined)
      await prune()
      const {code, said} = await updating
      expect(code, said).toBe(3)
      expect([await image(), await health()]).toEqual([old, 'healthy'])
      await prune()
      expect(await there(old)).toBe(old)
    })
  })
}
