import {beforeAll, describe, expect, it} from 'vitest'
import {useLab} from '../support/scenario/lab.js'
import {text} from '../support/scenario/outcome.js'
import type {TorrentStack} from '../support/scenario/torrent-stack.js'
import {torrentUp} from '../support/scenario/torrent-up.js'
import {updatesOf} from '../support/scenario/updates.js'

/** Seconds that a new image has to become healthy in these tests. */
const GATE = 6
const exited = ({exitCode, all}: {exitCode?: number | undefined; all?: unknown}): [number | undefined, string] => [exitCode, text(all)]

describe('an update by hand', () => {
  const lab = useLab({dependents: ['sonarr', 'radarr', 'bazarr', 'prowlarr', 'flaresolverr']})
  let torrent: TorrentStack
  let updates: ReturnType<typeof updatesOf>
  const stack = (...args: string[]) => lab().homelab(['stack', 'torrent', ...args])
  const update = (...args: string[]) => stack('update', ...args, '--timeout', String(GATE))

  beforeAll(async () => {
    torrent = await torrentUp(lab())
    updates = updatesOf(lab())
  })

  it('keeps the old image under a name of ours, and nothing is under way after it', async () => {
    const before = await updates.runs('sonarr')
    await lab().push('sonarr', {version: '2.0.0'})
    expect((await update('sonarr')).exitCode).toBe(0)
    expect(await updates.runs('sonarr', 'SONARR_PORT')).toMatchObject({version: '2.0.0', health: 'healthy'})
    const [kept, ...more] = await updates.kept('sonarr')
    expect(more).toEqual([])
    expect(await lab().docker('image', 'inspect', '--format', '{{.Id}}', kept!)).toBe(before.image)
    await updates.expectClosed()
  })

  it('keeps one old image of a service, and lets go of those before', async () => {
    await lab().push('sonarr', {version: '2.1.0'})
    expect((await update('sonarr')).exitCode).toBe(0)
    expect(await updates.kept('sonarr')).toHaveLength(1)
  })

  it('goes back from an image that never gets healthy, within the gate and 15 s; exit 3', async () => {
    const before = await updates.runs('sonarr')
    await lab().push('sonarr', {version: '6.6.6', mode: 'never-healthy'})
    const began = performance.now()
    const [code, said] = exited(await update('sonarr'))
    const took = (performance.now() - began) / 1000
    expect(code, said).toBe(3)
    expect(took).toBeLessThan(GATE + 15)
    expect(said).toContain('sonarr is not healthy after 6 s')
    expect(said).toContain('stand-in for sonarr, version 6.6.6')
    expect(said).toContain('--retry-rejected')
    expect(await updates.runs('sonarr', 'SONARR_PORT')).toMatchObject({version: '2.1.0', health: 'healthy', image: before.image})
    await updates.expectClosed()
  })

  it('leaves nothing of it that a later up would bring: ours, nor a plain docker compose up', async () => {
    const before = await updates.runs('sonarr')
    expect(await updates.named('sonarr')).toBe(before.image)
    await torrent.compose('up', '--detach', '--no-deps', 'sonarr')
    const up = await stack('up')
    expect(up.exitCode, text(up.all)).toBe(0)
    expect(await updates.runs('sonarr')).toEqual(before)
  })

  it('does not try a rejected image again, says so, and tries it on demand', async () => {
    const before = await updates.runs('sonarr')
    const [code, said] = exited(await update('sonarr'))
    expect(code, said).toBe(0)
    expect(said).toContain('--retry-rejected tries it again')
    expect(await updates.runs('sonarr')).toEqual(before)
    expect(exited(await update('sonarr', '--retry-rejected'))[0]).toBe(3)
    expect(await updates.runs('sonarr', 'SONARR_PORT')).toMatchObject({version: '2.1.0', health: 'healthy'})
  })

  it('tries again when the tag names another image', async () => {
    await lab().push('sonarr', {version: '2.2.0'})
    expect(exited(await update('sonarr'))).toEqual([0, expect.stringContaining('2.1.0 → 2.2.0')])
    expect(await updates.runs('sonarr', 'SONARR_PORT')).toMatchObject({version: '2.2.0', health: 'healthy'})
  })

  it('goes back from an image that ends at once, and goes on with the others', async () => {
    await lab().push('radarr', {version: '6.6.7', mode: 'exits'})
    await lab().push('bazarr', {version: '2.0.0'})
    const [code, said] = exited(await stack('update', 'radarr', 'bazarr', '--timeout', '60'))
    expect(code, said).toBe(3)
    expect(said).toContain('this version cannot start: its settings are missing')
    expect(said).toMatch(/radarr did not come up: it keeps ending/)
    expect(await updates.runs('radarr', 'RADARR_PORT')).toMatchObject({version: '1.0.0', health: 'healthy'})
    expect(await updates.runs('bazarr', 'BAZARR_PORT')).toMatchObject({version: '2.0.0', health: 'healthy'})
    await torrent.whole()
  })

  it('updates the gateway and all behind it as one', async () => {
    await lab().push('gluetun', {version: '3.0.0'})
    expect(exited(await stack('update'))).toEqual([0, expect.stringContaining('1.0.0 → 3.0.0')])
    await torrent.whole()
  })

  it('takes the gateway and all behind it back as one', async () => {
    const before = await updates.runs('gluetun')
    await lab().push('gluetun', {version: '6.6.6', mode: 'never-healthy'})
    const [code, said] = exited(await update('gluetun'))
    expect(code, said).toBe(3)
    expect((await updates.runs('gluetun')).image).toBe(before.image)
    await torrent.whole()
    await updates.expectClosed()
  })

  it('pulls for a service that its operator stopped, and does not start it', async () => {
    await stack('stop', 'prowlarr')
    await lab().push('prowlarr', {version: '2.0.0'})
    expect((await update('prowlarr')).exitCode).toBe(0)
    expect((await torrent.inspect('prowlarr')).State.Status).toBe('exited')
    expect((await stack('up', 'prowlarr')).exitCode).toBe(0)
    expect((await updates.runs('prowlarr', 'PROWLARR_PORT')).version).toBe('2.0.0')
  })

  it('rolls back by hand to the image that ran before, and an update does not bring it again', async () => {
    const dry = await stack('rollback', 'sonarr', '--dry-run')
    expect(exited(dry)[0]).toBe(0)
    const [code, said] = exited(await stack('rollback', 'sonarr'))
    expect(code, said).toBe(0)
    expect(await updates.runs('sonarr', 'SONARR_PORT')).toMatchObject({version: '2.1.0', health: 'healthy'})
    expect(exited(await update('sonarr'))[0]).toBe(0)
    expect((await updates.runs('sonarr', 'SONARR_PORT')).version).toBe('2.1.0')
    const history = await lab().homelab(['history', '--service', 'sonarr'])
    expect(text(history.stdout)).toContain('rollback')
  })

  it('says what there is when there is nothing to go back to', async () => {
    const [code, said] = exited(await stack('rollback', 'flaresolverr'))
    expect(code).toBe(1)
    expect(said).toContain('No older image of flaresolverr was kept')
  })
})
