import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import path from 'node:path'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {gatewayTools} from '../lab/gateway-tools.js'
import {openWorld, type World} from '../lab/world.js'
import {ROOT} from '../lab/workshop.js'
import {eventually} from '../support/scenario/eventually.js'
import {useLab} from '../support/scenario/lab.js'
import {describeUnless, lacksRoot} from '../support/scenario/needs.js'
import {text} from '../support/scenario/outcome.js'
import {hasten, NOBODY, sendTo} from '../support/scenario/settings.js'
import {stateFolder} from '../support/scenario/state-folder.js'
import {useWatchers} from '../support/scenario/watcher.js'

/** The stand-in gateway has a real tunnel, to a WireGuard server that can die. */
describeUnless(lacksRoot(), 'a VPN server that is dead', () => {
  const lab = useLab({dependents: ['qbittorrent', 'sonarr']})
  const watch = useWatchers(lab)
  let world: World
  let teller: Server
  const gateway = (): string => lab().container('torrent', 'gluetun')
  const run = async (...args: string[]): Promise<[number | undefined, string]> => {
    const {exitCode, stdout} = await lab().homelab(args)
    return [exitCode, text(stdout)]
  }
  const phone = async (): Promise<string[]> => (await stateFolder(lab()).outbox()).map(({title, message}) => `${title}\n${message}`)

  beforeAll(async () => {
    const cache = path.join(ROOT, '.lab', 'gateway-tools')
    world = await openWorld(cache, path.join(lab().home, 'world'))
    teller = createServer((_, response) => response.end('198.51.100.77\n')).listen(0, '127.0.0.1')
    await lab().push('gluetun', {version: '1.0.0', tools: await gatewayTools(cache)})
    await Promise.all([hasten(lab()), sendTo(lab(), NOBODY)])
    await world.admit(lab())
    const [up] = await Promise.all([lab().homelab(['stack', 'torrent', 'up', 'gluetun', 'qbittorrent']), world.join(lab())])
    expect(up.exitCode, text(up.all)).toBe(0)
    // What an idle torrent client does: now and then a packet to somebody who does not answer.
    await lab().docker('exec', '-d', gateway(), 'sh', '-c', 'while :; do echo x | timeout 1 nc -u 203.0.113.200 6881; sleep 3; done')
  })
  afterAll(async () => {
    teller.close()
    await world.close()
  })

  it('is told by the watcher, by `vpn status` and by `health`; reconnected once; and told when it works again', async () => {
    const config = {vpn: {ownAddress: [`http://127.0.0.1:${(teller.address() as AddressInfo).port}`]}}
    const watcher = await watch({which: 'vpn', config})
    expect((await run('vpn', 'status'))[1]).toContain('✓  traffic         http://1.1.1.1/ answers through the tunnel')
    await world.die()
    const silence = /nothing has come back through the tunnel for \d+ s, \d+ packets sent/
    // 40 s at true speed (docs/decisions/0010); a machine that is busy takes longer.
    await eventually(() => silence.test(watcher.log()), {within: 80, what: 'a line of the watcher'})
    expect(await phone()).toEqual([
      expect.stringMatching(/^VPN: nothing comes back through the tunnel\ntorrent\/gluetun: nothing has come/),
    ])
    // Asked again: while the watcher reconnects, the tunnel is down, and that is told instead.
    const toldBy = (args: readonly string[], what: unknown): Promise<unknown> =>
      eventually(async () => expect(await run(...args)).toEqual([1, what]), {within: 60, what: args.join(' ')})
    await toldBy(['vpn', 'status'], expect.stringMatching(/✗ {2}traffic +nothing has come back through the tunnel for /))
    await toldBy(['health', 'torrent', '--quiet'], expect.stringContaining('traffic: nothing has come back through the tunnel'))
    await eventually(() => watcher.log().includes('reconnected: exit IP'), {within: 60})
    await world.revive()
    await eventually(() => /the tunnel works again, after \d/.test(watcher.log()), {within: 60})
    expect((await run('vpn', 'status'))[1]).toMatch(/✓ {2}traffic +\S+ answers through the tunnel/)
    expect(await phone()).toHaveLength(2)
    const log = watcher.log()
    expect([log.match(new RegExp(silence, 'g'))?.length, log.match(/reconnecting/g)?.length]).toEqual([1, 1])
    expect((await run('history', '--service', 'gluetun'))[1]).toMatch(/✓ .*torrent tunnel +watch: nothing has come back .* exit IP/)
  })
})
