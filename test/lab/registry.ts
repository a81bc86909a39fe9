import {spawn} from 'node:child_process'
import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {recordOwner} from './owners.js'
import {freePorts} from './free-ports.js'
import {digestOf, MANIFEST_TYPE, type Image} from './oci-image.js'

/** A real registry on loopback, which Docker accepts without TLS. */
export type Registry = {
  /** "127.0.0.1:<port>" */
  readonly host: string
  push(repository: string, tag: string, image: Image): Promise<void>
  stop(): Promise<void>
}

export async function startRegistry(program: string, folder: string): Promise<Registry> {
  const [port] = await freePorts(1)
  const host = `127.0.0.1:${port}`
  await mkdir(folder, {recursive: true})
  const config = path.join(folder, 'config.yml')
  await writeFile(config, configuration(host, path.join(folder, 'data')))
  // Of its own process group: a Ctrl-C on the terminal must not take it away from under the labs that are being removed.
  const child = spawn(program, ['serve', config], {stdio: 'ignore', detached: true})
  child.unref()
  await recordOwner(folder, child.pid)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    child.ref()
    child.kill()
    await ended
  }
  await answers(host, () => child.exitCode !== null)
  return {host, stop, push: (repository, tag, image) => push(host, repository, tag, image)}
}

/** Connects to an instance that another process started. */
export const knownRegistry = (host: string): Registry => ({
  host,
  stop: () => Promise.resolve(),
  push: (repository, tag, image) => push(host, repository, tag, image),
})

const configuration = (host: string, data: string): string =>
  JSON.stringify({version: 0.1, log: {level: 'error'}, storage: {filesystem: {rootdirectory: data}}, http: {addr: host}})

async function answers(host: string, died: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !died(); tries++) {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined)
    if (answer?.ok) return
    await sleep(100)
  }
  throw new Error(`the registry on ${host} does not answer`)
}

async function push(host: string, repository: string, tag: string, image: Image): Promise<void> {
  const base = `http://${host}/v2/${repository}`
  await Promise.all([...image.layers.map(({blob}) => blob), image.config].map((blob) => pushBlob(base, blob)))
  await send('PUT', `${base}/manifests/${tag}`, image.manifest, MANIFEST_TYPE)
}

async function pushBlob(base: string, blob: Buffer): Promise<void> {
  const digest = digestOf(blob)
  const known = await fetch(`${base}/blobs/${digest}`, {method: 'HEAD'})
  if (known.ok) return
  const upload = await send('POST', `${base}/blobs/uploads/`)
  const location = new URL(upload.headers.get('location') ?? '', base)
  location.searchParams.set('digest', digest)
  await send('PUT', location.href, blob, 'application/octet-stream')
}

async function send(method: string, url: string, body?: Buffer, type?: string): Promise<Response> {
  const answer = await fetch(url, {method, ...(body && {body: new Uint8Array(body)}), headers: type ? {'content-type': type} : {}})
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`)
  return answer
}
