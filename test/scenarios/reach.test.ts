import {mkdir, readFile, writeFile} from 'node:fs/promises'
import {connect, createServer, type AddressInfo, type Server, type Socket} from 'node:net'
import path from 'node:path'
import {execa} from 'execa'
import {afterAll, beforeAll, describe, expect, inject, it} from 'vitest'
import {docker, inspect} from '../support/scenario/docker.js'
import {miniService, miniStack, PROGRAM_ARGV, useHomes, type Home} from '../support/scenario/homes.js'
import {useLab} from '../support/scenario/lab.js'
import {describeUnless, lacksOwnView} from '../support/scenario/needs.js'
import {report, text} from '../support/scenario/outcome.js'
import {startSshServer, type SshServer} from '../support/scenario/ssh.js'
import {halfRecreated} from '../support/scenario/world.js'

type Env = Record<string, string | undefined>

const noSsh = await lacksOwnView()

describe('where Docker is', () => {
  const lab = useLab()
  const homes = useHomes()
  const proxies: Proxy[] = []
  let socket = ''
  let home: Home

  const container = (): string => `${lab().id}-far-one-1`

  beforeAll(async () => {
    const host = await docker('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}')
    expect(host).toMatch(/^unix:/)
    socket = host.replace('unix://', '')
    const image = `${inject('registry')}/${lab().id}/sonarr:latest`
    const one = miniService({image, lab: lab().id, port: 8989})
    home = await homes.home({files: {'compose/.env': 'TZ=Etc/UTC\n', 'compose/far.yml': miniStack(`${lab().id}-far`, {one})}})
    const up = await home.homelab(['stack', 'far', 'up'])
    expect(up.exitCode, text(up.all)).toBe(0)
  })

  afterAll(async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()))
  })

  /** A look, and a change that waits for health on Docker's events. */
  const expectWorks = async (env: Env, flags: readonly string[] = []): Promise<void> => {
    const before = await inspect(container())
    const status = await home.homelab(['stack', 'far', 'status', '--json', ...flags], env)
    expect(status.exitCode, text(status.all)).toBe(0)
    expect(report(status).stacks[0]?.services).toMatchObject([{service: 'one', verdict: 'good'}])
    const restart = await home.homelab(['stack', 'far', 'restart', ...flags], env)
    expect(restart.exitCode, text(restart.all)).toBe(0)
    const after = await inspect(container())
    expect(after.Id).toBe(before.Id)
    expect(after.State.StartedAt).not.toBe(before.State.StartedAt)
    expect(after.State.Health?.Status).toBe('healthy')
  }

  const viaProxy = async (): Promise<Proxy> => {
    const proxy = await startProxy(socket)
    proxies.push(proxy)
    return proxy
  }

  /** A configuration folder of the docker CLI that knows the context "far". */
  const configWith = async (host: string, settings: object = {}): Promise<string> => {
    const folder = await homes.folder()
    await execa('docker', ['--config', folder, 'context', 'create', 'far', '--docker', `host=${host}`])
    const file = path.join(folder, 'config.json')
    const config = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as object
    await writeFile(file, JSON.stringify({...config, ...settings}))
    return folder
  }

  it('DOCKER_HOST=unix://, elsewhere than usual', async () => {
    const elsewhere = path.join(await homes.folder(), 'docker.sock')
    const proxy = await startProxy(socket, elsewhere)
    proxies.push(proxy)
    await expectWorks({DOCKER_HOST: `unix://${elsewhere}`})
    expect(proxy.connections()).toBeGreaterThan(0)
  })

  it('DOCKER_HOST=tcp://', async () => {
    const proxy = await viaProxy()
    await expectWorks({DOCKER_HOST: proxy.url})
    expect(proxy.connections()).toBeGreaterThan(0)
  })

  it.each([
    ['DOCKER_CONTEXT', {DOCKER_CONTEXT: 'far'}, [], {}, ''],
    ['--context, against DOCKER_HOST', {DOCKER_HOST: 'unix:///nowhere.sock'}, ['--context', 'far'], {}, ''],
    ["currentContext of the docker CLI's settings", {}, [], {currentContext: 'far'}, ''],
    ['context of homelab.yml', {}, [], {}, 'context: far\n'],
  ])('a named context: %s', async (_, env, flags, settings, configuration) => {
    const proxy = await viaProxy()
    const config = await configWith(proxy.url, settings)
    const file = path.join(await homes.folder(), 'homelab.yml')
    await writeFile(file, `compose: ${path.join(home.folder, 'compose')}\n${configuration}`)
    await expectWorks({...env, DOCKER_CONFIG: config, HOMELAB_CONFIG: file}, flags)
    expect(proxy.connections()).toBeGreaterThan(0)
  })

  it('DOCKER_HOST wins over the context of homelab.yml', async () => {
    const [proxy, other] = [await viaProxy(), await viaProxy()]
    const file = path.join(await homes.folder(), 'homelab.yml')
    await writeFile(file, `compose: ${path.join(home.folder, 'compose')}\ncontext: far\n`)
    const env = {DOCKER_HOST: proxy.url, DOCKER_CONFIG: await configWith(other.url), HOMELAB_CONFIG: file}
    expect((await home.homelab(['stack', 'far', 'status'], env)).exitCode).toBe(0)
    expect(proxy.connections()).toBeGreaterThan(0)
    expect(other.connections()).toBe(0)
  })

  it('a context that does not exist is refused by its name', async () => {
    const config = await homes.folder()
    const status = await home.homelab(['stack', 'far', 'status', '--context', 'fra'], {DOCKER_CONFIG: config})
    expect(status.exitCode, text(status.all)).toBe(2)
    expect(text(status.all)).toContain('Docker knows no context "fra".')
  })

  it('a daemon far away that does not answer', async () => {
    const proxy = await viaProxy()
    await proxy.close()
    const status = await home.homelab(['stack', 'far', 'status'], {DOCKER_HOST: proxy.url})
    expect(status.exitCode, text(status.all)).toBe(1)
    expect(text(status.all)).toMatch(/✗ No Docker daemon answers/)
  })

  it('a Ctrl-C on the terminal does not cut the connection from under what was begun', async () => {
    const proxy = await viaProxy()
    const env = {...home.env, DOCKER_HOST: proxy.url}
    const before = await inspect(container())
    const events = execa('docker', ['events', '--filter', `container=${before.Id}`, '--filter', 'event=kill'], {
      reject: false,
      buffer: false,
    })
    const running = execa(PROGRAM_ARGV[0], [PROGRAM_ARGV[1], 'stack', 'far', 'restart'], {env, detached: true, reject: false, all: true})
    try {
      await new Promise((resolve) => events.stdout.once('data', resolve))
      process.kill(-(running.pid ?? 0), 'SIGINT')
      const result = await running
      expect(result.exitCode, text(result.all)).toBe(130)
      expect(text(result.stdout)).toMatch(/restart one: done/)
      expect((await inspect(container())).State).toMatchObject({Status: 'running'})
      expect((await inspect(container())).State.StartedAt).not.toBe(before.State.StartedAt)
    } finally {
      events.kill()
      running.kill('SIGKILL')
      await Promise.all([events, running])
    }
  })

  describeUnless(noSsh, 'over SSH', () => {
    let ssh: SshServer | undefined

    beforeAll(async () => {
      ssh = await startSshServer()
    })

    afterAll(async () => {
      await ssh?.stop()
    })

    const env = (): Env => ({PATH: `${ssh?.bin}:${process.env.PATH}`})

    it('DOCKER_HOST=ssh://', async () => {
      await expectWorks({...env(), DOCKER_HOST: ssh?.url})
      expect(ssh?.log()).toContain('Accepted publickey for root')
    })

    it('a named context, and a recreation by Compose', async () => {
      const config = await configWith(ssh?.url ?? '')
      const before = await inspect(container())
      const update = await home.homelab(['stack', 'far', 'update', '--force-recreate', '--context', 'far'], {
        ...env(),
        DOCKER_CONFIG: config,
      })
      expect(update.exitCode, text(update.all)).toBe(0)
      const after = await inspect(container())
      expect(after.Id).not.toBe(before.Id)
      expect(after.State.Health?.Status).toBe('healthy')
      expect(await halfRecreated(lab().id)).toEqual([])
    })

    it('says so when the server lets nobody in', async () => {
      const folder = await homes.folder()
      await mkdir(path.join(folder, 'bin'))
      await writeFile(
        path.join(folder, 'bin/ssh'),
        `#!/bin/sh\nexec ${ssh?.bin}/ssh -o IdentityFile=none -o IdentityAgent=none -o PubkeyAuthentication=no -o BatchMode=yes "$@"\n`,
        {mode: 0o755},
      )
      const status = await home.homelab(['stack', 'far', 'status'], {PATH: `${folder}/bin:${process.env.PATH}`, DOCKER_HOST: ssh?.url})
      expect(status.exitCode, text(status.all)).toBe(1)
      expect(text(status.all)).toMatch(/✗ Docker on 127\.0\.0\.1 cannot be reached over SSH: .*Permission denied/)
    })
  })
})

type Proxy = {readonly url: string; connections(): number; close(): Promise<void>}

/** Passes every connection on to Docker's socket. */
async function startProxy(target: string, where?: string): Promise<Proxy> {
  const open = new Set<Socket>()
  let count = 0
  const server = createServer((client) => {
    count++
    // Half-open connections must be passed on as such: a hijacked stream ends in one direction first.
    const upstream = connect({path: target, allowHalfOpen: true})
    for (const end of [client, upstream]) {
      open.add(end)
      end.on('error', () => end.destroy())
      end.on('close', () => open.delete(end))
    }
    client.pipe(upstream).pipe(client)
  })
  server.on('connection', (client) => (client.allowHalfOpen = true))
  await new Promise<void>((resolve) => (where === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(where, resolve)))
  return {url: urlOf(server), connections: () => count, close: () => closeAll(server, open)}
}

function urlOf(server: Server): string {
  const address = server.address() as AddressInfo | string
  return typeof address === 'string' ? `unix://${address}` : `tcp://127.0.0.1:${address.port}`
}

async function closeAll(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  for (const end of open) end.destroy()
  if (server.listening) await new Promise((resolve) => server.close(resolve))
}
