import path from 'node:path'
import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {mkdir} from 'node:fs/promises'
import {afterEach, describe, expect, it} from 'vitest'
import type {Log} from '../../src/lib/model/log.js'
import {openJobs} from '../../src/lib/update/queue/jobs.js'
import {withLock} from '../../src/lib/storage/lock.js'
import {aJob} from '../support/unit/job.js'
import {freePorts} from '../lab/free-ports.js'
import {ROOT} from '../lab/workshop.js'
import {PROGRAM_ARGV, useHomes, type Home} from '../support/scenario/homes.js'
import {notifySocket} from '../support/scenario/notify-socket.js'
import {pathWithSystemd} from '../support/scenario/systemd-tools.js'

const silentLog: Log = {info: () => undefined, warn: () => undefined, error: () => undefined}

const STACK = 'services:\n  gate: {image: "gate:1"}\n  inside: {image: "inside:1", network_mode: "service:gate"}\n'

async function health(port: number): Promise<{status: number; body: {ok: boolean; watchers: {name: string}[]}}> {
  const answer = await fetch(`http://127.0.0.1:${port}/health`)
  return {status: answer.status, body: (await answer.json()) as {ok: boolean; watchers: {name: string}[]}}
}

async function untilHealthy(port: number): Promise<void> {
  const status = (): Promise<number> =>
    health(port).then(
      (answer) => answer.status,
      () => 0,
    )
  await expect.poll(status, {timeout: 15_000}).toBe(200)
}

describe('homelab watch as a service', () => {
  const homes = useHomes()
  const children: ChildProcess[] = []
  afterEach(() => children.forEach((child) => child.kill('SIGKILL')))

  const homeWith = async (config = ''): Promise<{home: Home; port: number; webhook: number}> => {
    const [port = 0, webhook = 0] = await freePorts(2)
    const files = {
      'homelab.yml': `watch: {listen: "127.0.0.1:${port}"}\n${config}`,
      'compose/.env': `HOMELAB_PREFIX=hlwatch${port}\nNTFY_TOPIC=\nWUD_WEBHOOK_PORT=${webhook}\n`,
      'compose/one.yml': STACK,
    }
    return {home: await homes.home({files}), port, webhook}
  }

  const watch = (home: Home, more: Record<string, string> = {}) => {
    const [file, ...args] = PROGRAM_ARGV
    const env = {...process.env, HOMELAB_HOME: home.folder, HOMELAB_STATE: path.join(home.folder, 'state'), ...more}
    const child = spawn(file, [...args, 'watch'], {env, stdio: ['ignore', 'pipe', 'pipe']})
    children.push(child)
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += String(chunk)))
    return {child, log: () => text, ended: once(child, 'exit').then(([code]) => code as number | null)}
  }

  it('tells systemd READY, WATCHDOG and STOPPING, and ends with 0 on SIGTERM', async () => {
    const {home, port} = await homeWith()
    const socket = await notifySocket()
    try {
      const {child, ended, log} = watch(home, {
        PATH: await pathWithSystemd(path.join(ROOT, '.lab', 'systemd')),
        NOTIFY_SOCKET: socket.path,
        WATCHDOG_USEC: '400000',
        JOURNAL_STREAM: '8:1',
      })
      await socket.waitFor('READY=1', 15_000)
      await socket.waitFor('WATCHDOG=1', 5_000)
      expect((await health(port)).body).toMatchObject({
        ok: true,
        watchers: [{name: 'cascade one'}, {name: 'tunnel one/gate'}, {name: 'updates'}],
      })
      child.kill('SIGTERM')
      await socket.waitFor('STOPPING=1', 5_000)
      expect(await ended).toBe(0)
      expect(log()).toMatch(/^<6>watching cascade one/m)
    } finally {
      await socket.close()
    }
  })

  it('is ready also while Docker is away, says so once, and answers 503', async () => {
    const {home, port} = await homeWith()
    const socket = await notifySocket()
    try {
      const {log} = watch(home, {
        PATH: await pathWithSystemd(path.join(ROOT, '.lab', 'systemd')),
        NOTIFY_SOCKET: socket.path,
        DOCKER_HOST: `unix://${path.join(home.folder, 'nobody.sock')}`,
      })
      await socket.waitFor('READY=1', 15_000)
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      expect((await health(port)).status).toBe(503)
      expect(log().match(/cascade one: /g)).toHaveLength(1)
    } finally {
      await socket.close()
    }
  })

  it('is ready while an update that was left in the middle is brought to its end, which takes as long as it takes', async () => {
    const {home, port} = await homeWith()
    const state = path.join(home.folder, 'state')
    await openJobs(state, {now: () => new Date(), log: silentLog}).add([aJob('left', {stack: 'one', service: 'inside', state: 'running'})])
    const socket = await notifySocket()
    const stopping = new AbortController()
    const lock = {doing: 'a test', wait: 0, signal: stopping.signal, onWait() {}, now: () => new Date()}
    try {
      // Whoever resumes it waits for this one: five minutes, if it has to.
      await withLock(path.join(state, 'locks', `hlwatch${port}-one.lock`), lock, async () => {
        const {log} = watch(home, {PATH: await pathWithSystemd(path.join(ROOT, '.lab', 'systemd')), NOTIFY_SOCKET: socket.path})
        await expect.poll(log, {timeout: 15_000}).toMatch(/waiting for a test/)
        await socket.waitFor('READY=1', 15_000)
        expect((await health(port)).body.watchers.map(({name}) => name)).toContain('updates')
      })
    } finally {
      await socket.close()
    }
  })

  it('ends with 78, which systemd does not restart on, if the configuration is wrong', async () => {
    const {home} = await homeWith('cascade: {perHour: 0}\n')
    const {ended, log} = watch(home)
    expect(await ended).toBe(78)
    expect(log()).toContain('cascade.perHour')
  })

  it('answers nothing but GET /health', async () => {
    const {home, port} = await homeWith()
    watch(home)
    await untilHealthy(port)
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404)
    expect((await fetch(`http://127.0.0.1:${port}/health`, {method: 'POST'})).status).toBe(404)
  })

  it('keeps its other watchers when the port of /health is taken', async () => {
    const {home, port} = await homeWith()
    await mkdir(path.join(home.folder, 'second'))
    watch(home)
    await untilHealthy(port)
    const second = watch(home, {HOMELAB_STATE: path.join(home.folder, 'second')})
    await expect.poll(() => second.log(), {timeout: 15_000}).toMatch(/health cannot be served at 127\.0\.0\.1:\d+.*EADDRINUSE/)
    expect(second.child.exitCode).toBeNull()
  })

  it('takes announcements from this machine alone as long as no secret is set, and says so', async () => {
    const {home, port, webhook} = await homeWith()
    const {log} = watch(home)
    await untilHealthy(port)
    const line = 'WUD_WEBHOOK_TOKEN is not set in compose/.env: announcements are taken from this machine only'
    await expect.poll(log, {timeout: 10_000}).toContain(`announcements are taken at http://127.0.0.1:${webhook}/`)
    expect(log()).toContain(line)
    expect(log().match(/announcements are taken at/g)).toHaveLength(1)
    const post = (container: string) => fetch(`http://127.0.0.1:${webhook}/`, {method: 'POST', body: JSON.stringify({container})})
    expect((await post('nobody')).status).toBe(404)
    expect((await post('inside')).status).toBe(202)
  })
})
