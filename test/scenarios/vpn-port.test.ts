import path from 'node:path'
import {beforeAll, describe, expect, inject, it} from 'vitest'
import {qbittorrentImage} from '../lab/qbittorrent.js'
import {knownRegistry} from '../lab/registry.js'
import {baseLayer} from '../lab/stand-ins.js'
import {ROOT} from '../lab/workshop.js'
import {eventually} from '../support/scenario/eventually.js'
import {useLab} from '../support/scenario/lab.js'
import {text} from '../support/scenario/outcome.js'
import {NOBODY, sendTo} from '../support/scenario/settings.js'
import {useWatchers} from '../support/scenario/watcher.js'

/** The real qBittorrent, Debian's, behind a stand-in gateway that forwards the port that a test says. */
describe('the forwarded port', () => {
  const lab = useLab({dependents: ['qbittorrent', 'sonarr']})
  const watch = useWatchers(lab)
  const inside = (command: string) => lab().docker('exec', lab().container('torrent', 'gluetun'), 'sh', '-c', command)
  const forward = (port: number) => inside(`echo ${port} > /tmp/gluetun/port`)
  const api = 'http://127.0.0.1:8080/api/v2/app'
  const set = (preferences: object) => inside(`wget -q -O - --post-data 'json=${JSON.stringify(preferences)}' ${api}/setPreferences`)
  const preferences = async () =>
    JSON.parse(await inside(`wget -q -O - ${api}/preferences`)) as {listen_port: number; current_network_interface: string}
  const port = async (): Promise<number> => (await preferences()).listen_port
  const listens = async (wanted: number): Promise<boolean> =>
    (await inside('cat /proc/net/tcp')).split('\n').some((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/)
      return state === '0A' && !local.startsWith('0100007F') && parseInt(local.split(':')[1] ?? '', 16) === wanted
    })
  /** The sockets that listen there: one that was opened again has another. */
  const inodes = async (wanted: number): Promise<string[]> =>
    (await inside('cat /proc/net/tcp'))
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local = '', , state]) => state === '0A' && parseInt(local.split(':')[1] ?? '', 16) === wanted)
      .flatMap((words) => words[9] ?? [])
  /** Seconds since it was provoked: ten at most. */
  const mended = (wanted: number) =>
    eventually(async () => (await port()) === wanted && (await listens(wanted)), {within: 10, what: `qBittorrent on port ${wanted}`})
  const vpn = async (...args: string[]) => {
    const done = await lab().homelab(['vpn', 'port', ...args])
    return [done.exitCode, text(done.all)]
  }

  beforeAll(async () => {
    const image = await qbittorrentImage(path.join(ROOT, '.lab', 'qbittorrent'), await baseLayer(inject('busybox')))
    await knownRegistry(inject('registry')).push(`${lab().id}/qbittorrent`, 'latest', image)
    await sendTo(lab(), NOBODY)
    const up = await lab().homelab(['stack', 'torrent', 'up'])
    expect(up.exitCode, text(up.all)).toBe(0)
    await set({listen_port: 6881, random_port: false})
  })

  it('differs: told, with what mends it; a dry run changes nothing', async () => {
    expect(await vpn()).toEqual([
      1,
      expect.stringMatching(/✗ {2}port +qBittorrent listens on 6881, and 51413 is forwarded\n +homelab vpn port sync/),
    ])
    expect(await vpn('sync', '--dry-run')).toEqual([0, 'qbittorrent: port 6881 would become 51413, and its interface set away and back'])
    expect(await port()).toBe(6881)
  })

  it('is set by `vpn port sync`, and seen to be listened on; a second time it is set again', async () => {
    expect(await vpn('sync')).toEqual([0, '✓ qbittorrent: port 6881 → 51413, and it listens there'])
    expect([await port(), await listens(51413)]).toEqual([51413, true])
    expect(await vpn()).toEqual([
      0,
      expect.stringMatching(/✓ {2}port +qBittorrent listens on 51413, which is forwarded\n✓ {2}interface +qBittorrent is bound to eth0/),
    ])
    // After a reconnect inside Gluetun it may listen on an interface that is gone, which nothing in /proc tells.
    const before = await inodes(51413)
    expect(await vpn('sync')).toEqual([0, '✓ qbittorrent: port 51413 → 51413, and it listens there'])
    expect((await inodes(51413)).filter((inode) => before.includes(inode))).toEqual([])
  })

  it('that the provider changes is followed within 10 s by `watch vpn`', async () => {
    const watcher = await watch({which: 'vpn'})
    await forward(51500)
    await mended(51500)
    await eventually(() => watcher.log().includes('qBittorrent listens on port 51500 now'), {within: 5})
  })

  it('that somebody changed in qBittorrent is put right within 10 s', async () => {
    await watch({which: 'vpn'})
    await set({listen_port: 7000})
    await mended(51500)
  })

  it('that qBittorrent has lost, as after an internal reconnect, is listened on again within 10 s, though no setting differs', async () => {
    // Before the watcher begins, which may be faster than these looks.
    await set({current_network_interface: 'lo'})
    expect([await port(), await listens(51500)]).toEqual([51500, false])
    await watch({which: 'vpn'})
    await mended(51500)
  })

  it('is never 0: without one qBittorrent is left as it is', async () => {
    const watcher = await watch({which: 'vpn'})
    const phase = async (): Promise<string | undefined> => (await watcher.health()).watchers[0]?.phase
    await forward(0)
    await eventually(async () => (await phase()) === 'no port', {within: 10})
    await eventually(async () => ((await watcher.health()).watchers[0]?.lastLookSeconds ?? 99) < 0.5, {within: 10})
    expect(await port()).toBe(51500)
    expect(await vpn('sync')).toEqual([
      1,
      expect.stringContaining('There is no port to set: the provider has forwarded none. qBittorrent is left as it is.'),
    ])
    await forward(51600)
    await mended(51600)
  })

  it('is in the history: who set it, and why', async () => {
    const {stdout} = await lab().homelab(['history', '--service', 'qbittorrent', '-n', '50'])
    const said = text(stdout)
    expect(said).toMatch(/✓ .*torrent port +command: homelab vpn port sync +port 6881 → 51413/)
    expect(said).toMatch(/✓ .*torrent port +watch: nobody listens on port 51500, which is forwarded +qBittorrent listens on port 51500/)
    expect(said).toMatch(/✓ +set the port of +qbittorrent/)
  })

  it('cannot be told while qBittorrent asks for a password; what to click is', async () => {
    await set({bypass_local_auth: false})
    expect(await vpn()).toEqual([
      1,
      expect.stringMatching(/\? {2}port +qBittorrent asks for a password\n.*Bypass authentication for clients on localhost/),
    ])
  })
})
