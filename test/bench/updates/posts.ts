import {readFileSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {Agent, request} from 'node:http'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import type {Lab} from '../../lab/lab.js'
import {figure, limit, type Figure, type Limit} from '../measure.js'
import {startWatcher} from '../watcher.js'
import {succeed} from './succeed.js'

const POSTS = 1_000
const AT_ONCE = 50
/** So many are acknowledged when the watcher is killed. */
const KILLED_AFTER = 500

type Acknowledged = {readonly job: string; readonly ms: number}
type Receiver = {readonly port: number; readonly authorization: string; readonly agent: Agent}

/** What the receiver takes in, each announcement a job of its own; and what is left of it after a SIGKILL. Nothing is applied meanwhile. */
export async function benchPosts(lab: Lab): Promise<(Limit | Figure)[]> {
  await succeed(lab, 'stack', 'torrent', 'up', 'gluetun', 'sonarr')
  await succeed(lab, 'updates', 'pause')
  const env = await readFile(path.join(lab.home, 'compose', '.env'), 'utf8')
  const token = /^WUD_WEBHOOK_TOKEN=(.*)$/m.exec(env)?.[1] ?? ''
  const receiver = {
    port: lab.ports.WUD_WEBHOOK_PORT ?? 0,
    authorization: `Bearer ${token}`,
    agent: new Agent({keepAlive: true, maxSockets: AT_ONCE}),
  }
  const settings = {updates: {rate: 100_000}}
  let watcher = await startWatcher(lab, settings)
  try {
    await listening(receiver)
    const began = performance.now()
    const all = await post(lab, receiver, 'a', POSTS)
    const seconds = (performance.now() - began) / 1000
    const figures = [
      figure(`${POSTS} posts, ${AT_ONCE} at a time: answered 202`, all.length / seconds, '/s'),
      figure(
        `${POSTS} posts, ${AT_ONCE} at a time: p99`,
        percentile(
          all.map(({ms}) => ms),
          0.99,
        ),
        'ms',
      ),
      limit(`${POSTS} posts: not acknowledged`, POSTS - all.length, 'posts', 0),
    ]
    const acknowledged: Acknowledged[] = []
    const posting = post(lab, receiver, 'b', POSTS, acknowledged)
    while (acknowledged.length < KILLED_AFTER) await sleep(1)
    await watcher.kill()
    await posting
    receiver.agent.destroy()
    watcher = await startWatcher(lab, settings)
    await listening(receiver)
    const lost = await lostOf(receiver, [...all, ...acknowledged])
    return [...figures, limit(`killed with SIGKILL after ${acknowledged.length} more: acknowledged jobs that are lost`, lost, 'jobs', 0)]
  } finally {
    await watcher.stop()
  }
}

const percentile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? NaN

async function listening(receiver: Receiver): Promise<void> {
  for (const late = Date.now() + 20_000; ; await sleep(100)) {
    if ((await ask(receiver, 'GET', '/health')).status > 0) return
    if (Date.now() > late) throw new Error('nobody listens for announcements')
  }
}

/** @param into Is filled as they are acknowledged. */
async function post(lab: Lab, receiver: Receiver, series: string, count: number, into: Acknowledged[] = []): Promise<Acknowledged[]> {
  const recorded = JSON.parse(
    readFileSync(new URL('../../unit/watch/webhook/payloads/simple-tag-minor.json', import.meta.url), 'utf8'),
  ) as {labels: Record<string, string>; result: object}
  const labels = {...recorded.labels, 'com.docker.compose.project': `${lab.id}-torrent`, 'com.docker.compose.service': 'sonarr'}
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) {
      const tag = `3.${series}.${next++}`
      const began = performance.now()
      const body = JSON.stringify({...recorded, labels, result: {...recorded.result, tag}})
      const {status, text} = await ask(receiver, 'POST', '/', body)
      if (status !== 202) continue
      const {accepted} = JSON.parse(text) as {accepted: {job: string; status: string}[]}
      if (accepted[0]?.status === 'queued') into.push({job: accepted[0].job, ms: performance.now() - began})
    }
  }
  await Promise.all(Array.from({length: AT_ONCE}, lane))
  return into
}

/** Who are not in the queue, each asked for by its id. */
async function lostOf(receiver: Receiver, jobs: readonly Acknowledged[]): Promise<number> {
  let lost = 0
  for (const {job} of jobs) {
    const {status, text} = await ask(receiver, 'GET', `/jobs/${job}`)
    if (status !== 200 || (JSON.parse(text) as {state: string}).state !== 'queued') lost++
  }
  return lost
}

/** @returns status 0: nobody answered. */
function ask({port, authorization, agent}: Receiver, method: string, url: string, body = ''): Promise<{status: number; text: string}> {
  return new Promise((resolve) => {
    const headers = {authorization, 'content-length': Buffer.byteLength(body)}
    const asking = request({port, host: '127.0.0.1', method, path: url, agent, headers}, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({status: response.statusCode ?? 0, text}))
      response.on('error', () => resolve({status: 0, text: ''}))
    })
    asking.on('error', () => resolve({status: 0, text: ''}))
    asking.end(body)
  })
}
