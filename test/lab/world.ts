import {generateKeyPairSync} from 'node:crypto'
import {mkdir, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {execa} from 'execa'
import {parseDocument} from 'yaml'
import {gatewayPrograms} from './gateway-tools.js'
import type {Lab} from './lab.js'
import {openMachine, type Machine} from './private-machine.js'

/**
 * A small internet with a real WireGuard server, in namespaces of its own: this machine's routes and firewall stay as they
 * are, and nobody but a gateway that was joined to it gets there. Addresses are those of documentation (RFC 5737), and two
 * of well-known name servers.
 */
export type World = {
  /** What a gateway needs to be let in, in the lab's Compose files and `.env`. Call before the stack comes up. */
  admit(lab: Lab): Promise<void>
  /** Puts the network beyond into a container, as soon as it runs: the stand-in gateway waits for it. Again after each start. */
  join(lab: Lab): Promise<void>
  /** From now on the server answers nothing: WireGuard is silent to whom it does not know. */
  die(): Promise<void>
  revive(): Promise<void>
  close(): Promise<void>
}

export const SERVER = '198.51.100.6'
const BEYOND = ['1.1.1.1', '9.9.9.9', SERVER]

/** @param cache A folder that keeps Debian's wireguard-go. @param folder For keys and logs; whoever made it removes it. */
export async function openWorld(cache: string, folder: string): Promise<World> {
  const root = await gatewayPrograms(cache)
  const program = (name: string): string => path.join(root, 'usr/bin', name)
  await mkdir(folder, {recursive: true})
  const [server, client] = [keys(), keys()]
  const keyFile = path.join(folder, 'server.key')
  await writeFile(keyFile, server.private, {mode: 0o600})
  const machine = await openMachine()
  const run = async (...argv: readonly string[]): Promise<void> => {
    const done = await machine.run(argv)
    if (done.failed) throw new Error(`${argv.join(' ')}: ${String(done.all)}`)
  }
  for (const address of BEYOND) await run('ip', 'addr', 'add', `${address}/32`, 'dev', 'lo')
  await run('sysctl', '-qw', 'net.ipv4.ip_forward=1')
  const log = (name: string): string => path.join(folder, `${name}.log`)
  await machine.start([program('wireguard-go'), '-f', 'wg0'], log('wireguard'))
  await until(async () => !(await machine.run(['ip', 'link', 'show', 'wg0'])).failed, 'an interface of WireGuard')
  const peer = ['peer', client.public, 'allowed-ips', '10.2.0.2/32']
  await run(program('wg'), 'set', 'wg0', 'listen-port', '51820', 'private-key', keyFile, ...peer)
  await run('ip', 'addr', 'add', '10.2.0.1/24', 'dev', 'wg0')
  await run('ip', 'link', 'set', 'wg0', 'mtu', '1280', 'up')
  const services = path.join(import.meta.dirname, 'world-services.mjs')
  await machine.start([process.execPath, services], log('services'))
  await until(async () => (await readFile(log('services'), 'utf8')).includes('up'), 'the pages beyond')
  return {
    admit: (lab) => admit(lab, server.public, client.private),
    join: (lab) => join(lab, machine),
    die: () => run(program('wg'), 'set', 'wg0', 'peer', client.public, 'remove'),
    revive: () => run(program('wg'), 'set', 'wg0', ...peer),
    close: () => machine.cut(),
  }
}

/** As `wg genkey` and `wg pubkey` write them. */
function keys(): {readonly private: string; readonly public: string} {
  const {d = '', x = ''} = generateKeyPairSync('x25519').privateKey.export({format: 'jwk'})
  const base64 = (text: string): string => Buffer.from(text, 'base64url').toString('base64')
  return {private: base64(d), public: base64(x)}
}

async function admit(lab: Lab, serverKey: string, clientKey: string): Promise<void> {
  const env = path.join(lab.home, 'compose', '.env')
  await writeFile(env, (await readFile(env, 'utf8')).replace(/^WIREGUARD_PRIVATE_KEY=.*$/m, `WIREGUARD_PRIVATE_KEY=${clientKey}`))
  const file = path.join(lab.home, 'compose', 'torrent.override.yml')
  const document = parseDocument(await readFile(file, 'utf8'))
  const gateway = ['services', 'gluetun']
  // As in the Compose file that is shipped.
  document.deleteIn([...gateway, 'devices'])
  document.setIn([...gateway, 'environment', 'VPN_INTERFACE'], 'tun0')
  document.setIn([...gateway, 'environment', 'STANDIN_SERVER'], SERVER)
  document.setIn([...gateway, 'environment', 'STANDIN_SERVER_KEY'], serverKey)
  await writeFile(file, document.toString())
}

/** One end of a cable in each of two namespaces; it goes away with either of them. */
async function join(lab: Lab, world: Machine): Promise<void> {
  const gateway = await gatewayPid(lab)
  // Made where it belongs: this machine's own namespace never sees it.
  const ends = ['wan0', 'netns', String(gateway), 'type', 'veth', 'peer', 'name', 'wan0', 'netns', String(world.pid)]
  await execa('ip', ['link', 'add', ...ends])
  for (const what of [
    ['addr', 'add', '198.51.100.2/30', 'dev', 'wan0'],
    ['link', 'set', 'wan0', 'up'],
  ])
    await world.run(['ip', ...what])
}

async function gatewayPid(lab: Lab): Promise<number> {
  const format = ['--format', '{{.State.Pid}}', lab.container('torrent', 'gluetun')]
  let pid = 0
  await until(async () => {
    pid = Number(await lab.docker('inspect', ...format).catch(() => 0))
    return pid > 0
  }, 'a gateway that runs')
  return pid
}

async function until(check: () => Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await check()) return
    await sleep(100)
  }
  throw new Error(`${what}: not within a minute`)
}
