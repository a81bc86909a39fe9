import {mkdtemp, readdir, readFile, readlink, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {execa} from 'execa'
import {afterAll, beforeAll, describe, expect, inject, it} from 'vitest'
import {freeSubnet} from '../lab/free-subnet.js'
import {imageLoader} from '../lab/image-loader.js'
import {createLab, type Lab} from '../lab/lab.js'
import {startNtfy, type NtfyServer} from '../lab/ntfy-server.js'
import {PRIVATE_DAEMON, privateDaemonLacks, startPrivateDaemon, type PrivateDaemon} from '../lab/private-daemon.js'
import {knownRegistry} from '../lab/registry.js'
import {imageMaker} from '../lab/stand-ins.js'
import {ROOT} from '../lab/workshop.js'
import {docker, images} from '../support/scenario/docker.js'
import {startWitness, type MachineState, type Witness} from '../support/scenario/machine-state.js'
import {describeUnless} from '../support/scenario/needs.js'

const newFolder = (name: string): Promise<string> => mkdtemp(path.join(tmpdir(), name))

describe('the lab’s ntfy', () => {
  let folder: string
  const servers: NtfyServer[] = []
  const start = async (name: string, auth: boolean): Promise<NtfyServer> => {
    const server = await startNtfy(ROOT, path.join(folder, name), {auth})
    servers.push(server)
    return server
  }
  const post = (url: string, message: string, headers: Record<string, string> = {}) => fetch(url, {method: 'POST', body: message, headers})

  beforeAll(async () => {
    folder = await newFolder('homelab-ntfy-')
  })
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()))
    await rm(folder, {recursive: true, force: true})
    expect(await processesOf(folder)).toEqual([])
  })

  it('tells what was posted, also after it was away', async () => {
    const ntfy = await start('open', false)
    await post(`${ntfy.url}/topic`, 'one', {Title: 'First', Tags: 'warning,skull', Priority: 'high'})
    await ntfy.stop()
    await expect(post(`${ntfy.url}/topic`, 'lost')).rejects.toThrow()
    await ntfy.start()
    await post(`${ntfy.url}/topic`, 'two')
    const [one, two, ...more] = await ntfy.messages('topic')
    expect(one).toMatchObject({title: 'First', message: 'one', tags: ['warning', 'skull'], priority: 4})
    expect(two).toMatchObject({title: '', message: 'two', tags: [], priority: 3})
    expect(Math.abs((two?.time ?? 0) - Date.now() / 1000)).toBeLessThan(60)
    expect(more).toEqual([])
    expect(await ntfy.messages('other')).toEqual([])
  })

  it('takes messages from nobody but the holder of its token, where it has one', async () => {
    const ntfy = await start('closed', true)
    expect((await post(`${ntfy.url}/topic`, 'no')).status).toBe(403)
    expect((await post(`${ntfy.url}/topic`, 'no', {Authorization: 'Bearer tk_wrong'})).status).toBe(401)
    expect((await post(`${ntfy.url}/topic`, 'yes', {Authorization: `Bearer ${ntfy.token}`})).status).toBe(200)
    expect((await ntfy.messages('topic')).map(({message}) => message)).toEqual(['yes'])
  })
})

describeUnless(await privateDaemonLacks(), 'a lab on a private daemon', () => {
  let folder: string
  let daemon: PrivateDaemon
  let lab: Lab
  let witness: Witness
  let before: MachineState
  const states = async (): Promise<string[]> => {
    const text = await lab.docker(
      'ps',
      '-a',
      '--filter',
      `label=io.homelab.lab=${lab.id}`,
      '--format',
      '{{.Label "com.docker.compose.service"}} {{.State}}',
    )
    return text.split('\n').toSorted()
  }
  const up = async (): Promise<void> => {
    const result = await lab.homelab(['stack', 'torrent', 'up'])
    expect(result.exitCode, String(result.all)).toBe(0)
    expect((await states()).filter((line) => line.endsWith(' running'))).toHaveLength(10)
  }
  const ask = async (): Promise<string> => {
    const words = `process.stdout.write(await (await fetch('http://127.0.0.1:${lab.ports.SONARR_PORT}/')).text())`
    return String((await daemon.inNetwork([process.execPath, '--input-type=module', '-e', words])).all)
  }

  beforeAll(async () => {
    folder = await newFolder(PRIVATE_DAEMON)
    const makeImage = await imageMaker(inject('busybox'))
    const name = path.basename(folder).toLowerCase()
    await knownRegistry(inject('registry')).push(name, 'latest', await makeImage('sonarr', {version: '1.0.0'}))
    witness = await startWitness(name, `${inject('registry')}/${name}:latest`, await freeSubnet({}))
    before = await witness.state()
    daemon = await startPrivateDaemon(folder)
    lab = await createLab({root: ROOT, registry: imageLoader(daemon.host), makeImage, dockerHost: daemon.host})
  })
  afterAll(async () => {
    await lab.destroy()
    await daemon.remove()
    await witness.remove()
  })

  it('runs the torrent stack, of which this machine’s Docker and network see nothing', async () => {
    await up()
    expect(await ask()).toBe('sonarr 1.0.0')
    await expect(fetch(`http://127.0.0.1:${lab.ports.SONARR_PORT}/`)).rejects.toThrow()
    expect(await docker('ps', '-aq', '--filter', `label=io.homelab.lab=${lab.id}`)).toBe('')
    expect(await images('--format', '{{.Repository}}')).not.toContain(lab.id)
    const bridge = `br-${(await lab.docker('network', 'inspect', '--format', '{{.Id}}', `${lab.id}_media_network`)).slice(0, 12)}`
    expect((await daemon.inNetwork(['ip', '-o', 'link'])).stdout).toContain(bridge)
    expect((await execa('ip', ['-o', 'link'])).stdout).not.toContain(bridge)
  })

  it('changes nothing of this machine’s firewall, routes and networks', async () => {
    expect(before.firewall.filter((line) => line.endsWith(':8989'))).toHaveLength(1)
    expect(await witness.state()).toEqual(before)
    expect(await witness.answer()).toBe('sonarr 1.0.0\n')
  })

  it('stops its containers with its daemon on SIGTERM, and starts the gateway again', async () => {
    const before = daemon.pid()
    await daemon.stop('SIGTERM')
    expect(daemon.pid()).toBeUndefined()
    await expect(lab.docker('ps')).rejects.toThrow()
    expect(await shims()).toBe(0)
    await daemon.start()
    expect(daemon.pid()).not.toBe(before)
    expect(await states()).toContain('gluetun running')
    await up()
  })

  it('leaves its containers running on SIGKILL; the next daemon stops them', async () => {
    await daemon.stop('SIGKILL')
    expect(await shims()).toBe(10)
    await daemon.start()
    expect((await states()).filter((line) => line.endsWith(' exited'))).toHaveLength(10)
    await up()
  })

  it('loses all but its disk in a power cut', async () => {
    await daemon.cutPower()
    expect(() => daemon.inNetwork(['true'])).toThrow('cut')
    expect(await processesOf(folder)).toEqual([])
    await daemon.start()
    expect(await states()).toContain('gluetun running')
    await up()
    expect(await ask()).toBe('sonarr 1.0.0')
  })

  it.each(['stopped', 'killed', 'running'])('leaves nothing when it is removed while it is %s', async (state) => {
    const own = state === 'running' ? daemon : await startPrivateDaemon(await newFolder(PRIVATE_DAEMON))
    const its = path.dirname(own.host.slice('unix://'.length))
    const network = String((await own.inNetwork(['readlink', '/proc/self/ns/net'])).stdout)
    const inside = await inNamespace(network)
    expect(inside).not.toEqual([])
    if (state === 'running') await lab.destroy()
    if (state === 'stopped') await own.stop('SIGTERM')
    if (state === 'killed') await own.stop('SIGKILL')
    await own.remove()
    await own.remove()
    // The kernel may give the namespace's number to another at once.
    expect((await inNamespace(network)).filter((pid) => inside.includes(pid))).toEqual([])
    expect(await processesOf(its)).toEqual([])
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(its)
    expect((await execa('find', ['/sys/fs/cgroup', '-name', path.basename(its)], {reject: false})).stdout).toBe('')
    expect(await readdir(tmpdir())).not.toContain(path.basename(its))
    expect(await witness.state()).toEqual(before)
    expect(await witness.answer()).toBe('sonarr 1.0.0\n')
  })

  async function shims(): Promise<number> {
    const {stdout} = await daemon.inNetwork(['sh', '-c', 'grep -l containerd-shim /proc/[0-9]*/comm | wc -l'])
    return Number(stdout)
  }
})

const processes = async (): Promise<string[]> => (await readdir('/proc')).filter((name) => /^\d+$/.test(name))

async function processesOf(folder: string): Promise<string[]> {
  const lines = await Promise.all((await processes()).map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter((line) => line.includes(folder))
}

async function inNamespace(network: string): Promise<string[]> {
  const all = await processes()
  const namespaces = await Promise.all(all.map((pid) => readlink(`/proc/${pid}/ns/net`).catch(() => '')))
  return all.filter((_, index) => namespaces[index] === network)
}
