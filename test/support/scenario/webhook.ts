import {readFileSync} from 'node:fs'
import {expect} from 'vitest'
import type {Job} from '../../../src/lib/model/update.js'
import type {Accepted} from '../../../src/lib/watch/webhook/payload.js'
import {freePorts} from '../../lab/free-ports.js'
import type {Lab} from '../../lab/lab.js'
import {eventually} from './eventually.js'
import {setVariables, variableOf} from './settings.js'

type Posted = {readonly status: number; readonly accepted: Accepted[]; readonly error: string | undefined}

/** Where What's Up Docker would post to, in this lab. Call before the watcher begins. */
export async function webhookOf(lab: Lab) {
  const [port = 0] = await freePorts(1)
  await setVariables(lab, {WUD_WEBHOOK_PORT: String(port)})
  const token = await variableOf(lab, 'WUD_WEBHOOK_TOKEN')
  const url = `http://127.0.0.1:${port}`
  const authorization = `Bearer ${token}`
  const post = async (body: unknown): Promise<Posted> => {
    const answer = await fetch(`${url}/`, {
      method: 'POST',
      headers: {authorization},
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    const said = (await answer.json()) as {accepted?: Accepted[]; error?: string}
    return {status: answer.status, accepted: said.accepted ?? [], error: said.error}
  }
  const job = async (id: string): Promise<Job> => (await (await fetch(`${url}/jobs/${id}`, {headers: {authorization}})).json()) as Job
  const jobs = async (state: string): Promise<Job[]> =>
    ((await (await fetch(`${url}/jobs?state=${state}`, {headers: {authorization}})).json()) as {jobs: Job[]}).jobs
  const ready = (): Promise<unknown> =>
    eventually(async () => (await fetch(`${url}/health`)).ok, {within: 20, what: 'somebody who listens'})
  return {
    url,
    port,
    authorization,
    post,
    job,
    jobs,
    ready,
    /** Posts what is accepted as one job, and waits for its end. */
    applied: async (body: unknown, within = 60): Promise<Job> => {
      await ready()
      const {status, accepted} = await post(body)
      expect([status, accepted[0]?.status], JSON.stringify(accepted)).toEqual([202, 'queued'])
      const id = accepted[0]?.job ?? ''
      await eventually(async () => !['queued', 'running'].includes((await job(id)).state), {within, what: `the end of ${id}`})
      return job(id)
    },
  }
}

type Recorded = {id: string; name: string; image: unknown; labels: Record<string, string>; updateKind: unknown; result: unknown}

/** A recorded payload of What's Up Docker, of this lab's container. */
export function recorded(file: string, lab: Lab, stack: string, service: string, more: Readonly<Record<string, unknown>> = {}): unknown {
  const found = JSON.parse(readFileSync(new URL(`../../unit/watch/webhook/payloads/${file}.json`, import.meta.url), 'utf8')) as Recorded
  const labels = {...found.labels, 'com.docker.compose.project': `${lab.id}-${stack}`, 'com.docker.compose.service': service}
  return {...found, name: lab.container(stack, service), labels, ...more}
}
