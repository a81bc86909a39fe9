import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Finding} from '../../src/lib/model/finding.js'
import {gatewayTools} from '../lab/gateway-tools.js'
import {ROOT} from '../lab/workshop.js'
import {eventually} from '../support/scenario/eventually.js'
import {PROGRAM_ARGV} from '../support/scenario/homes.js'
import {THREE, useLab} from '../support/scenario/lab.js'
import {text} from '../support/scenario/outcome.js'
import {NOBODY, sendTo, writeSettings} from '../support/scenario/settings.js'
import {addTunnel, outside, setGateway, type Outside} from '../support/scenario/tunnel.js'
import {useWatchers} from '../support/scenario/watcher.js'

type Json = {ok: boolean; findings: Finding[]}

const FIREWALL = 'FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT'

/** The stand-in gateway has a firewall of iptables, and a tunnel that is a second network. */
describe('homelab vpn', () => {
  const lab = useLab({dependents: THREE})
  const watch = useWatchers(lab)
  let beyond: Outside
  let teller: Server
  const inside = (command: string) => lab().docker('exec', lab().container('torrent', 'gluetun'), 'sh', '-c', command)
  const state = async (): Promise<string> => (await inside('cat /tmp/gluetun/status')).trim()
  const vpn = (...args: string[]) => lab().homelab(['vpn', ...args])
  const findings = async (...args: string[]) => {
    const {stdout, exitCode} = await vpn(...args, '--json')
    const {findings: found} = JSON.parse(text(stdout)) as Json
    return {code: exitCode, found: found.map(({is, check, says}) => `${is} ${check}: ${says}`)}
  }
  const settings = () => ({
    vpn: {
      outside: [beyond.url, beyond.dns],
      through: [beyond.url, beyond.dns],
      ownAddress: [`http://127.0.0.1:${(teller.address() as AddressInfo).port}`],
    },
  })
  /** A proof, while the tunnel is down for it. */
  const midway = async () => {
    const [file, ...args] = PROGRAM_ARGV
    const child = spawn(file, [...args, 'vpn', 'check', '--kill-switch', '--yes'], {env: {...process.env, ...lab().env}})
    const ended = once(child, 'exit')
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += String(chunk)))
    await eventually(() => said.includes('the tunnel is down: trying'), {within: 40})
    expect(await state()).toBe('stopped')
    return {child, ended, said: () => said}
  }
  const up = async (): Promise<void> => {
    const done = await lab().homelab(['stack', 'torrent', 'up'])
    expect(done.exitCode, text(done.all)).toBe(0)
  }

  beforeAll(async () => {
    beyond = await outside()
    teller = createServer((_, response) => response.end('198.51.100.9\n')).listen(0, '127.0.0.1')
    await addTunnel(lab())
    // Its wget is GNU's, as that of Gluetun's image.
    await lab().push('gluetun', {version: '1.0.0', tools: await gatewayTools(path.join(ROOT, '.lab', 'gateway-tools'))})
    await sendTo(lab(), NOBODY)
    await writeSettings(lab(), settings())
    await up()
  })
  afterAll(() => {
    beyond.close()
    teller.close()
  })

  it('status: where it comes out, that this is elsewhere, and who is in it', async () => {
    const {exitCode, stdout} = await vpn('status')
    expect([exitCode, text(stdout)]).toEqual([0, expect.stringMatching(/exit IP +203\.0\.113\.7 · London, United Kingdom · Proton AG/)])
    expect(text(stdout)).toMatch(/✓ {2}leak +this machine's own address is another: 198\.51\.100\.9, by 1 of 1 services/)
    expect(text(stdout).match(/in gluetun's namespace/g)).toHaveLength(THREE.length)
  })

  it('reconnect: a new tunnel, the same container, nobody restarted', async () => {
    const before = await lab().docker(
      'ps',
      '--no-trunc',
      '--filter',
      `label=io.homelab.lab=${lab().id}`,
      '--format',
      '{{.ID}} {{.CreatedAt}}',
    )
    const done = await vpn('reconnect')
    expect([done.exitCode, text(done.stdout)]).toEqual([
      0,
      expect.stringMatching(/the tunnel is stopped\n.*a new tunnel runs\n✓ gluetun: exit IP/),
    ])
    expect(
      await lab().docker('ps', '--no-trunc', '--filter', `label=io.homelab.lab=${lab().id}`, '--format', '{{.ID}} {{.CreatedAt}}'),
    ).toBe(before)
    expect(await state()).toBe('running')
  })

  it('logs: what the gateway said', async () => {
    expect(text((await vpn('logs', '-n', '5')).stdout)).toContain('stand-in for gluetun')
  })

  it('check: the declared rules', async () => {
    const {found} = await findings('check')
    expect(found).toContain('good firewall: on (FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT)')
    expect(found).toContain('good DNS rule: 1.1.1.1, through the tunnel')
    expect(found).toContain('good MTU: 1280')
  })

  it('check: judges what the running container has, and says that the Compose file differs', async () => {
    await setGateway(lab(), FIREWALL, 'off')
    const {found} = await findings('check')
    await setGateway(lab(), FIREWALL, undefined)
    expect(found[0]).toBe(`good firewall: on (${FIREWALL})`)
    expect(found).toContain(
      `warn as declared: the running container has ${FIREWALL}=on instead of off: the Compose files say otherwise since it was made`,
    )
  })

  it('the kill switch holds, and the tunnel is back', async () => {
    const refused = await vpn('check', '--kill-switch')
    expect([refused.exitCode, text(refused.all)]).toEqual([2, expect.stringContaining('--yes')])
    const {code, found} = await findings('check', '--kill-switch', '--yes')
    expect(found).toContain(
      `good kill switch: with the tunnel down nothing left the namespace: ${beyond.url}, ${beyond.dns} answered before, and not then (TCP and UDP)`,
    )
    expect(found).toContain('good tunnel: it is back: the same is reached through it again')
    expect([code, await state()]).toEqual([0, 'running'])
  })

  it('a dry run takes nothing down', async () => {
    const {stdout} = await vpn('check', '--kill-switch', '--dry-run')
    expect(text(stdout)).toContain('the tunnel would be taken down')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('%s in the middle leaves the tunnel up; so does another one right after it', async (signal) => {
    const {child, ended, said} = await midway()
    child.kill(signal)
    await eventually(() => said().includes('Stopping'), {within: 5})
    child.kill(signal)
    const [code, endedBy] = (await ended) as [number | null, NodeJS.Signals | null]
    // The other one may find it at its very end, where Node listens no more.
    expect([130, signal]).toContain(code ?? endedBy)
    expect(await state()).toBe('running')
  })

  it('SIGKILL in the middle leaves it down, and behind the firewall; `watch vpn` brings it back', async () => {
    const watcher = await watch({which: 'vpn', config: settings()})
    const {child, ended} = await midway()
    // What a living command does is its own affair.
    expect(watcher.log()).not.toContain('had left the tunnel down')
    child.kill('SIGKILL')
    await ended
    await eventually(async () => (await state()) === 'running', {within: 10, what: 'a tunnel that is up'})
    await eventually(() => watcher.log().includes('a command that was killed had left the tunnel down; it runs again'), {within: 5})
  })

  it('without a watcher the next proof brings it back, and goes on', async () => {
    const {child, ended} = await midway()
    child.kill('SIGKILL')
    await ended
    expect(await state()).toBe('stopped')
    const next = await vpn('check', '--kill-switch', '--yes')
    expect([next.exitCode, text(next.all)]).toEqual([0, expect.stringContaining('left down by a command that was killed: it is back')])
    expect(await state()).toBe('running')
  })

  it('two proofs at once: the second one is told of the first', async () => {
    const {ended} = await midway()
    const second = await vpn('reconnect')
    expect([second.exitCode, text(second.all)]).toEqual([75, expect.stringContaining('The tunnel of gluetun is in use')])
    expect((await ended)[0]).toBe(0)
    expect(await state()).toBe('running')
  })

  it('what was done to the tunnel is in the history', async () => {
    const said = text((await lab().homelab(['history', '-n', '50'])).stdout)
    expect(said).toMatch(/✓ .*torrent tunnel +command: homelab vpn reconnect +exit IP 203\.0\.113\.7 → 203\.0\.113\.7/)
    expect(said).toMatch(/✓ .*torrent tunnel +command: homelab vpn check --kill-switch +with the tunnel down nothing left/)
    expect(said).toMatch(/■ .*torrent tunnel +command: homelab vpn check --kill-switch/)
    expect(said).toMatch(/✓ .*torrent tunnel +watch: a command was killed that had taken it down +the tunnel runs again/)
  })

  it('without anything that answers it proves nothing, and leaves the tunnel alone', async () => {
    const file = path.join(lab().home, 'homelab.yml')
    const before = await readFile(file, 'utf8')
    await writeFile(
      file,
      [beyond.url, beyond.dns].reduce((yml, it) => yml.replace(it, it.replace(/:\d+/, ':9')), before),
    )
    const {code, found} = await findings('check', '--kill-switch', '--yes')
    expect(found.join('\n')).toMatch(
      /unknown kill switch: not proven, and the tunnel was left alone: nothing could be reached even while it is up \(http/,
    )
    expect(code).toBe(1)
    await writeFile(file, before)
  })

  it('a gateway that does not run: told as that, by status and by health', async () => {
    await lab().docker('stop', lab().container('torrent', 'gluetun'))
    const status = await vpn('status')
    const health = await lab().homelab(['health', 'torrent', '--quiet'])
    await lab().homelab(['stack', 'torrent', 'up'])
    expect([status.exitCode, text(status.stdout)]).toEqual([
      1,
      expect.stringMatching(/✗ {2}tunnel +gluetun does not run, so there is none/),
    ])
    expect([health.exitCode, text(health.stdout)]).toEqual([1, expect.stringContaining('tunnel: gluetun does not run, so there is none')])
  })

  it('rules that let everything out, though the firewall is said to be on: traffic leaves, also if the server answers with an error', async () => {
    await inside('iptables -P OUTPUT ACCEPT')
    const {code, found} = await findings('check', '--kill-switch', '--yes')
    await inside('iptables -P OUTPUT DROP')
    expect(found).toContain(`good firewall: on (${FIREWALL})`)
    expect(found.join('\n')).toContain(
      `bad kill switch: TRAFFIC LEAVES beside the tunnel: with the tunnel down, ${beyond.url} ERROR 403: Forbidden.; ${beyond.dns} answered`,
    )
    expect([code, await state()]).toEqual([1, 'running'])
  })

  it('a firewall that is off: neither the proof nor a reconnect takes the tunnel down, also where the Compose file says on', async () => {
    await setGateway(lab(), FIREWALL, 'off')
    await up()
    await setGateway(lab(), FIREWALL, undefined)
    // Whatever takes it down changes this.
    await inside('echo untouched >> /tmp/gluetun/status')
    const {code, found} = await findings('check', '--kill-switch', '--yes')
    expect(found[0]).toBe(`bad firewall: ${FIREWALL} is off: nothing keeps traffic in when the tunnel drops`)
    expect(found.join('\n')).toMatch(/bad kill switch: not proven, and the tunnel was left alone: the firewall of gluetun is off/)
    const reconnect = await vpn('reconnect')
    expect([code, reconnect.exitCode, text(reconnect.all)]).toEqual([
      1,
      1,
      expect.stringMatching(/The tunnel is left alone: the firewall of gluetun is off/),
    ])
    expect(await state()).toBe('running\nuntouched')
  })
})
